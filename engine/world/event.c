/*
 * event.c - events as sentences, from the one table in event.h.
 */
#include "event.h"
#include "names.h"
#include "pte.h"

static const struct {
	const char *name, *words, *brief;
} event_table[EVENT_KINDS] = {
#define EVENT_ROW(id, n, w, s) [EV_##id] = { n, w, s },
	EVENTS(EVENT_ROW)
#undef EVENT_ROW
};

static const char *const result_names[] = {
	[0] = "ok", "SIGSEGV", "SIGBUS", "ENOMEM", "EINVAL", "EFAULT", "abort", "SIGSEGV (no right)", "EEXIST", "EACCES",
	"EBADF", "EBUSY", "ENXIO", "EAGAIN", "end of file",
};

const char *event_name(enum event_kind kind)
{
	return event_table[kind].name;
}

const char *result_name(unsigned result)
{
	return result < sizeof(result_names) / sizeof(result_names[0]) ? result_names[result] : "?";
}

static void cpus_text(struct text *t, unsigned mask)
{
	const char *sep = "";

	for (unsigned c = 0; c < MAX_CPUS; c++)
		if (mask & (1u << c)) {
			text_add(t, "%scpu%u", sep, c);
			sep = ",";
		}
	if (!*sep)
		text_add(t, "nobody");
}

static void code_text(struct text *t, const struct names *n, const struct event *e, char code, bool brief)
{
	switch (code) {
	case 'a': text_add(t, "%u", e->a); break;
	case 'b': text_add(t, "%u", e->b); break;
	case 'c':
		text_add(t, "pfn %u", e->c);
		if (e->c < MAX_NAMED && n->name[NAME_FRAME][e->c][0])
			text_add(t, " (%s)", n->name[NAME_FRAME][e->c]);
		break;
	case 'd': text_add(t, "%u", e->d); break;
	case 'u': text_add(t, "%llu", (unsigned long long)e->x); break;
	case 'x': text_add(t, "0x%llx", (unsigned long long)e->x); break;
	case 'v': (brief ? address_brief : address_text)(t, n, e->va); break;
	case 'm': name_text(t, n, NAME_MM, e->a); break;
	case 't': name_text(t, n, NAME_TASK, e->a); break;
	case 's': name_text(t, n, NAME_SUB, e->a); break;
	case 'k': lock_text(t, n, e->c); break;
	case 'e': text_add(t, "%s", result_name(e->b)); break;
	case 'p': pte_text(t, e->x, e->b); break;
	case 'C': cpus_text(t, e->a); break;
	case 'L': text_add(t, "%s", level_name(e->b)); break;
	case 'R': range_text(t, n, e->va, e->x); break;
	case 'r':
		if (n->routine_words)
			n->routine_words(t, e->a, e->b);
		break;
	case 'o':
		if (n->op_words)
			n->op_words(t, n, e->a, e->c);
		break;
	case 'g':
		text_add(t, "%s", n->rule_words ? n->rule_words(e->a) : "finding");
		break;
	default:
		text_add(t, "%%%c", code);
	}
}

static void sentence(struct text *t, const struct names *n, const struct event *e, const char *words, bool brief)
{
	for (const char *p = words; *p; p++) {
		if (*p == '%' && p[1])
			code_text(t, n, e, *++p, brief);
		else
			text_add(t, "%c", *p);
	}
}

void event_text(struct text *t, const struct names *names, const struct event *e)
{
	/* What was found may be about no address. */
	sentence(t, names, e, e->kind == EV_FINDING && !e->va ? "%g" : event_table[e->kind].words, false);
}

void event_brief(struct text *t, const struct names *names, const struct event *e)
{
	sentence(t, names, e, event_table[e->kind].brief, true);
}
