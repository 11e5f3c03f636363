/*
 * litmus.c - reading litmus tests, a line at a time, into scenario lines.
 *
 * The lines of one test may stand in any order, so each kind of line is a pass over the test's text.
 */
#include <stdio.h>
#include <string.h>

#include "litmus_read.h"
#include "task.h"

/* Pages between two addresses of a test: ADDRESS+1 is not another address of it. */
#define STRIDE (2 * PAGE_SIZE)
#define FIRST 0x7f0000000000ull
#define LINE 2048	/* bytes: room for a thread of MAX_OPS instructions */

/* ---- lines ---- */

bool litmus_wrong(struct reader *r, struct word w, const char *want)
{
	complain(r->c, BAD_SYNTAX, "'%.*s' should be %s", (int)(w.len < 60 ? w.len : 60), w.at, want);
	return false;
}

/* To the next line. */
static void skip_line(struct litmus_text *t)
{
	t->at += strcspn(t->at, "\n");
	if (*t->at == '\n') {
		t->at++;
		t->line++;
	}
}

bool litmus_line(struct reader *r, struct litmus_text *t, struct word *head, const char **rest)
{
	for (; t->at < r->end; skip_line(t)) {
		*rest = t->at;
		if (!word_next(rest, ":", head))
			continue;
		r->c->line = t->line;
		skip_line(t);
		setup_take(rest, ":");
		return true;
	}
	return false;
}

/* A line of the scenario: applied to the machine and kept. */
static bool emit(struct reader *r, const char *line)
{
	if (strlen(line) >= LINE - 1) {
		complain(r->c, BAD_LIMIT, "the line is too long: it becomes more than %u bytes of a scenario", LINE - 2);
		return false;
	}
	if (setup_apply(r->m, line, r->fx, r->c) != OK)
		return false;
	text_add(&r->out, "%s\n", line);
	CHECK(!r->out.cut);
	return true;
}

#define EMIT(r, ...) \
	do { \
		char emitted[LINE + 64]; \
		struct text emitted_text = text_over(emitted, sizeof(emitted)); \
		text_add(&emitted_text, __VA_ARGS__); \
		if (!emit((r), emitted)) \
			return false; \
	} while (0)

/* ---- init ---- */

static unsigned frame_find(const struct reader *r, struct word w)
{
	return name_find(&r->m->names, NAME_FRAME, w);
}

const struct region *litmus_address(const struct reader *r, struct word w)
{
	const struct names *n = &r->m->names;

	for (unsigned i = 0; i < n->regions; i++)
		if (word_is(w, n->region[i].name))
			return &n->region[i];
	return NULL;
}

static bool address_add(struct reader *r, struct word w)
{
	/* A full TLB would drop what the notation lets a CPU keep. */
	if (r->m->names.regions == TLB_ENTRIES) {
		complain(r->c, BAD_LIMIT, "'%.*s' is one address too many: TLB_ENTRIES is %u", (int)(w.len < 60 ? w.len : 60),
			w.at, TLB_ENTRIES);
		return false;
	}
	EMIT(r, "vma A %.*s 0x%llx 1p rw anon private", (int)w.len, w.at, FIRST + STRIDE * (r->m->names.regions + 1));
	return true;
}

static bool frame_need(struct reader *r, struct word w)
{
	if (frame_find(r, w) == NONE)
		EMIT(r, "frame %.*s", (int)w.len, w.at);
	return true;
}

/* The rights behind "FRAME:"; the ':' has been read. */
bool litmus_rights(struct reader *r, const char **rest, const char *alone, uint8_t *prot, struct word *w)
{
	*w = setup_take(rest, alone);
	return raw_prot_read(*w, prot) || litmus_wrong(r, *w, "rw, ro or none");
}

/* VA=FRAME:RIGHTS, when the frames that have values are there. */
static bool init_entry(struct reader *r, struct word va, struct word frame, const char **rest)
{
	struct word w;
	uint8_t prot;

	if (!litmus_rights(r, rest, "=:;", &prot, &w))
		return false;
	if (litmus_address(r, va))
		return litmus_wrong(r, va, "another address: it has an entry already");
	if (!address_add(r, va) || !frame_need(r, frame))
		return false;
	EMIT(r, "entry A %.*s+0 %.*s %.*s", (int)va.len, va.at, (int)frame.len, frame.at, (int)w.len, w.at);
	return true;
}

/* One init line; entries come after the values of all frames. */
static bool init_line(struct reader *r, const char *rest, bool entries)
{
	struct word what, w;

	while (word_next(&rest, "=:;", &what)) {
		const char *ahead;
		bool entry;

		if (word_is(what, ";"))
			continue;
		w = setup_take(&rest, "=:;");
		if (!word_is(w, "="))
			return litmus_wrong(r, w, "'=', as in x=p:rw or p=1");
		w = setup_take(&rest, "=:;");
		ahead = rest;
		entry = word_is(setup_take(&ahead, "=:;"), ":");
		if (entry && entries) {
			rest = ahead;
			if (!init_entry(r, what, w, &rest))
				return false;
		} else if (entry) {
			rest = ahead;
			setup_take(&rest, "=:;");
		} else if (!entries) {
			uint64_t value;

			if (!word_number(w, &value) || value > UINT32_MAX)
				return litmus_wrong(r, w, "a value, as in p=1, or FRAME:RIGHTS, as in x=p:rw");
			EMIT(r, "frame %.*s = %llu", (int)what.len, what.at, (unsigned long long)value);
		}
	}
	return true;
}

static bool init_lines(struct reader *r, struct litmus_text t, bool entries)
{
	struct word head;
	const char *rest;

	while (litmus_line(r, &t, &head, &rest))
		if (word_is(head, "init") && !init_line(r, rest, entries))
			return false;
	return true;
}

/* ---- threads ---- */

/* "P0" to "P3". */
bool litmus_thread(struct reader *r, struct word w, unsigned *thread)
{
	uint64_t n;

	if (w.len < 2 || w.at[0] != 'P' || !word_number((struct word){ w.at + 1, w.len - 1 }, &n))
		return litmus_wrong(r, w, "a thread: P0, P1 ...");
	if (n < MAX_CPUS) {
		*thread = (unsigned)n;
		return true;
	}
	complain(r->c, BAD_LIMIT, "'%.*s' should be P0 to P%u: MAX_CPUS is %u", (int)(w.len < 20 ? w.len : 20), w.at,
		MAX_CPUS - 1, MAX_CPUS);
	return false;
}

bool litmus_is_thread(struct word head)
{
	return head.len && head.at[0] == 'P';
}

/* The next word of an instruction; false at its end. */
static bool operand(const char **rest, struct word *w)
{
	const char *ahead = *rest;

	if (!word_next(&ahead, ";", w) || word_is(*w, ";"))
		return false;
	*rest = ahead;
	return true;
}

/* What `pte` names may be new: an address without an entry, a frame that holds 0. */
static bool names_of_thread(struct reader *r, const char *rest)
{
	struct word w;

	while (word_next(&rest, ";", &w)) {
		unsigned k = OP_LD;

		while (k <= OP_LDPTE && !word_is(w, op_table[k].word))
			k++;
		if (k > OP_LDPTE)
			return litmus_wrong(r, w, "an instruction: ld, st, pte, inv, shoot or ldpte");
		if (k == OP_PTE && operand(&rest, &w) && !litmus_address(r, w) && !address_add(r, w))
			return false;
		if (k == OP_PTE && operand(&rest, &w) && !frame_need(r, w))
			return false;
		while (operand(&rest, &w))
			;
		word_next(&rest, ";", &w);
	}
	return true;
}

/* Addresses are those of the test: a number, or REGION+PAGE, is none. */
static bool addresses_known(struct reader *r, unsigned task)
{
	const struct program *p = peek_program(r->m, task);
	const struct names *n = &r->m->names;

	for (unsigned i = 0; i < p->count; i++) {
		bool known = p->op[i].va == 0;

		for (unsigned k = 0; k < n->regions; k++)
			known |= p->op[i].va == n->region[k].start;
		if (!known) {
			complain(r->c, BAD_VALUE, "0x%llx is no address of this test: init: gives them names",
				(unsigned long long)p->op[i].va);
			return false;
		}
	}
	return true;
}

static bool thread_line(struct reader *r, struct word head, const char *rest, unsigned task)
{
	unsigned thread;

	if (!litmus_thread(r, head, &thread))
		return false;
	if (r->l->task[thread] != NONE)
		return litmus_wrong(r, head, "another thread: this one has its line already");
	r->l->task[thread] = (uint8_t)task;
	EMIT(r, "task P%u on cpu%u in A: %.*s", thread, thread, (int)strcspn(rest, "\r\n"), rest);
	return addresses_known(r, task);
}

static bool threads(struct reader *r, struct litmus_text t, bool names_only)
{
	struct word head;
	const char *rest;
	unsigned task = 0;

	while (litmus_line(r, &t, &head, &rest))
		if (litmus_is_thread(head) && !(names_only ? names_of_thread(r, rest) : thread_line(r, head, rest, task++)))
			return false;
	return true;
}

/* Every line begins with what it is and ':'. */
static bool heads(struct reader *r, struct litmus_text t)
{
	struct word head, colon;
	const char *rest;

	for (; t.at < r->end; skip_line(&t)) {
		rest = t.at;
		if (!word_next(&rest, ":", &head))
			continue;
		r->c->line = t.line;
		if (!litmus_is_thread(head) && !word_is(head, "init") && !word_is(head, "ask") && !word_is(head, "verdict"))
			return litmus_wrong(r, head, "init:, P0:, ask:, verdict: or a [name]");
		colon = setup_take(&rest, ":");
		if (!word_is(colon, ":"))
			return litmus_wrong(r, colon, "':'");
	}
	return true;
}

/* The machine has a CPU for each thread. */
static bool machine_lines(struct reader *r, struct litmus_text t)
{
	unsigned last = 0, thread;
	struct word head;
	const char *rest;
	bool any = false;

	while (litmus_line(r, &t, &head, &rest))
		if (litmus_is_thread(head)) {
			if (!litmus_thread(r, head, &thread))
				return false;
			last = thread > last ? thread : last;
			any = true;
		}
	if (!any) {
		r->c->line = r->l->line;
		complain(r->c, BAD_SYNTAX, "the test has no thread: a line such as `P0: ld r1 x`");
		return false;
	}
	EMIT(r, "machine arch=x86 cpus=%u spec=whole", last + 1);
	EMIT(r, "mm A");
	return true;
}

/* ---- a test ---- */

/* A piece of n bytes, or as many whole characters of it as fit. */
static void piece(char *to, size_t size, const char *from, size_t n)
{
	while (n && strchr(" \t\r", from[n - 1]))
		n--;
	if (n >= size) {
		n = size - 1;
		while (n && ((unsigned char)from[n] & 0xc0) == 0x80)
			n--;
	}
	memcpy(to, from, n);
	to[n] = '\0';
}

/* "[NAME] SOURCE | about" */
static bool head_line(struct reader *r, const char *at)
{
	const char *open = at + strspn(at, " \t"), *close, *words, *bar;
	char source[160];

	if (*open != '[')
		return litmus_wrong(r, setup_take(&open, ""), "a test's [name]");
	close = open + 1 + strcspn(open + 1, "]\n");
	if (*close != ']' || close == open + 1 || (size_t)(close - open - 1) >= sizeof(r->l->name))
		return litmus_wrong(r, (struct word){ open, (size_t)(close - open) }, "a test's [name], of 1 to 47 characters");
	piece(r->l->name, sizeof(r->l->name), open + 1, (size_t)(close - open - 1));
	words = close + 1 + strspn(close + 1, " \t");
	piece(r->l->title, sizeof(r->l->title), words, strcspn(words, "\n"));
	bar = strchr(r->l->title, '|');
	text_add(&r->out, "title    litmus test %s\n", r->l->name);
	if (bar) {
		piece(source, sizeof(source), r->l->title, (size_t)(bar - r->l->title));
		text_add(&r->out, "source   %s\n", source);
	}
	text_add(&r->out, "about    %s\n", bar ? bar + 1 + strspn(bar + 1, " ") : r->l->title);
	return true;
}

/* From behind the head to the next one. */
static const char *test_end(const char *at)
{
	while (*at) {
		at += strcspn(at, "\n");
		at += *at == '\n';
		if (at[strspn(at, " \t")] == '[')
			break;
	}
	return at;
}

static bool test_read(struct reader *r, struct litmus_text t)
{
	memset(r->l->task, NONE, sizeof(r->l->task));
	return heads(r, t) && machine_lines(r, t) && init_lines(r, t, false) && init_lines(r, t, true) && threads(r, t, true) &&
		threads(r, t, false) && litmus_outcome(r, t);
}

bool litmus_next(struct litmus_text *text, struct litmus *l, struct machine *m, struct effects *fx, struct complaint *c)
{
	struct reader r = { .l = l, .m = m, .fx = fx, .c = c };
	const char *rest = text->at;
	struct word w;

	c->status = OK;
	for (; *text->at && !word_next(&rest, "", &w); rest = text->at)
		skip_line(text);
	if (!*text->at)
		return false;
	*l = (struct litmus){ .line = text->line };
	r.out = text_over(l->scenario, sizeof(l->scenario));
	r.end = test_end(text->at);
	c->line = text->line;
	if (!head_line(&r, text->at))
		return false;
	scenario_begin(m);
	skip_line(text);
	if (!test_read(&r, *text))
		return false;
	text_add(&r.out, "variant  at-once\nvariant  ipi     raw.shoot=ipi\n");
	CHECK(!r.out.cut);
	while (text->at < r.end)
		skip_line(text);
	c->line = 0;
	return true;
}

