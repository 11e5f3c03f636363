/*
 * The topics of `info`. Rule: objects are told in the words of describe.h, as `diff` tells them.
 */
#include "info.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "board.h"
#include "change.h"
#include "describe.h"
#include "displays.h"
#include "eager.h"
#include "follow.h"
#include "mmu.h"
#include "routine.h"
#include "settings.h"
#include "stops.h"

enum {
	BOX_COLS = 4
}; /* what the frame of the screen's box takes from a line */

int info_width(const struct session *s)
{
	int box = s->out.sink ? BOX_COLS : 0;
	struct winsize size;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) &&
	    size.ws_col >= 40 + box)
		return size.ws_col - box;
	return 80;
}

enum status pane_say(struct session *s, const struct pane *pane, struct complaint *c)
{
	static struct change change;
	struct scene scene = session_scene(s);
	uint32_t depth = timeline_depth(&s->t);
	struct action next;
	struct canvas *canvas;

	change_find(&change, &s->t, depth ? depth - 1 : 0);
	scene.change = &change;
	scene.next = stepper_default(s, &next) ? &next : NULL;
	if (pane->applies && !pane->applies(&scene))
		return complain(c, BAD_STATE, "this machine has nothing for the pane %s",
				pane->name);
	canvas = board_single(pane, &scene, info_width(s));
	if (!canvas)
		return complain(c, BAD_LIMIT, "there is no memory for the drawing");
	out_canvas(&s->out, pane->name, canvas);
	canvas_free(canvas);
	return OK;
}

/* ---- lists of objects ---- */

static void say_object(struct session *s, unsigned object)
{
	char name[64], words[160];
	struct text nt = text_over(name, sizeof(name)), wt = text_over(words, sizeof(words));

	object_name(s->m, object, &nt);
	object_words(s->m, object, &wt);
	if (s->out.json)
		out_object(&s->out, "object",
			   json_pack("{s:s, s:s}", "object", name, "state", words));
	else
		out_line(&s->out, "%-24s %s", name, words);
}

static void info_mms(struct session *s)
{
	for (unsigned i = 0; i < MAX_MMS; i++)
		if (peek_mm(s->m, i)->used)
			say_object(s, BASE_mm + i);
}

static void info_subs(struct session *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAX_SUBS; i++)
		if (peek_sub(s->m, i)->kind != SUB_NONE) {
			say_object(s, BASE_sub + i);
			n++;
		}
	if (!n)
		out_line(&s->out, "this machine has no subscribers");
}

static bool waited_for(const struct machine *m, unsigned lock)
{
	for (unsigned ctx = 0; ctx < MAX_CTX; ctx++) {
		const struct act *top = ctx_top(m, ctx);

		if (top && top->wait == WAIT_LOCK && top->wait_object == lock)
			return true;
	}
	return false;
}

static void info_locks(struct session *s)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MAX_LOCKS; i++) {
		const struct lock *l = peek_lock(s->m, i);

		if (l->owner == NONE && !l->readers && !waited_for(s->m, i))
			continue;
		say_object(s, BASE_lock + i);
		n++;
	}
	if (!n)
		out_line(&s->out, "no lock is held or wanted");
}

/* What was asked for and not done yet: calls to CPUs, gathers, the IOMMU's queue. */
static void info_pending(struct session *s)
{
	unsigned n = 0;

	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (peek_call(s->m, cpu)->locked) {
			say_object(s, BASE_call + cpu);
			n++;
		}
	for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++)
		if (peek_cpu(s->m, cpu)->queued || peek_cpu(s->m, cpu)->pending) {
			say_object(s, BASE_cpu + cpu);
			n++;
		}
	for (unsigned t = 0; t < MAX_TASKS; t++)
		if (peek_gather(s->m, t)->pages || peek_gather(s->m, t)->tables) {
			say_object(s, BASE_gather + t);
			n++;
		}
	if (peek_iommu(s->m, 0)->queued) {
		say_object(s, BASE_iommu);
		n++;
	}
	if (!n)
		out_line(&s->out, "nothing is under way");
}

/* ---- lists of the session ---- */

static void info_marks(struct session *s)
{
	for (unsigned i = 0; i < s->t.marks; i++)
		out_line(&s->out, "@%-12s step %u", s->t.mark[i].name,
			 s->t.node[s->t.mark[i].node].depth);
	if (!s->t.marks)
		out_line(&s->out,
			 "no marks: `mark NAME` makes one; @start and @end are always there");
}

static void info_stops(struct session *s)
{
	char buf[400];

	for (unsigned i = 0; i < s->set.stops; i++) {
		struct text t = text_over(buf, sizeof(buf));

		stop_text(s, &s->set.stop[i], &t);
		out_line(&s->out, "%s", buf);
	}
	if (!s->set.stops)
		out_line(&s->out,
			 "no breaks or watches: `break WHERE` and `watch OBJECT` set some");
}

static void info_displays(struct session *s)
{
	displays_say(s);
	if (!s->set.displays)
		out_line(&s->out, "no displays: `display EXPR` makes one");
}

static void info_session(struct session *s)
{
	const char *status = recording_status(&s->rec);

	out_line(&s->out, "scenario %s, variant %s: %s", s->sc->name,
		 s->sc->variant[s->variant].name, s->sc->title);
	if (s->sc->source[0])
		out_line(&s->out, "from %s", s->sc->source);
	if (s->sc->about[0])
		out_line(&s->out, "%s", s->sc->about);
	out_line(&s->out, "step %u of %u, %u branches, %s, digest %016llx", timeline_depth(&s->t),
		 timeline_last(&s->t), s->branches + 1, *status ? status : "not yet recorded",
		 (unsigned long long)s->m->digest);
}

/* Switches, settings, eager classes: all that changes what happens. */
static void info_knobs(struct session *s)
{
	for (unsigned i = 0; i < SWITCH_COUNT; i++)
		out_line(&s->out, "%s = %s", switch_table[i].name,
			 switch_table[i].value[peek_profile(s->m, 0)->value[i]]);
	settings_list(s);
	for (unsigned e = 0; e < EAGERS; e++)
		if (s->set.eager & (1u << e))
			out_line(&s->out, "eager %s: %s", eager_table[e].name, eager_table[e].help);
}

const struct info_topic info_topics[] = {
	{ "pages", "the page frames: who owns them", "frames", NULL },
	{ "iotlb", "the IOMMU, its caches and its queue", "iommu", NULL },
	{ "mms", "the address spaces in a line each", NULL, info_mms },
	{ "subs", "the mmu_notifier subscribers", NULL, info_subs },
	{ "locks", "the locks that are held or wanted", NULL, info_locks },
	{ "pending", "what was asked of CPUs and the IOMMU and is not done", NULL, info_pending },
	{ "msgs", "the same: interrupts, queues", NULL, info_pending },
	{ "marks", "names given to states", NULL, info_marks },
	{ "stops", "breaks and watches", NULL, info_stops },
	{ "breaks", "the same", NULL, info_stops },
	{ "displays", "what is said after each step", NULL, info_displays },
	{ "session", "what is loaded and where it is recorded", NULL, info_session },
	{ "settings", "what `set` can change; `show NAME` for one", NULL, settings_list },
	{ "knobs", "the kernel's switches, and the settings", NULL, info_knobs },
	{ .name = NULL },
};

const struct info_topic *info_find(struct word w)
{
	for (const struct info_topic *i = info_topics; i->name; i++)
		if (word_is(w, i->name))
			return i;
	return NULL;
}
