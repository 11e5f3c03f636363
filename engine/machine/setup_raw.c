/*
 * setup_raw.c - frame, entry: what raw instructions work on.
 *
 * No mapping stands behind such an entry and no kernel counts its frame, so a machine with named frames
 * gives its tasks nothing but raw instructions.
 */
#include <string.h>

#include "kernel.h"
#include "setup_words.h"
#include "task.h"

static bool op_is_raw(const struct op *op)
{
	return op->kind >= OP_LD && op->kind <= OP_LDPTE;
}

static bool frames_named(const struct machine *m)
{
	for (unsigned i = 0; i < MAX_FRAMES; i++)
		if (m->names.name[NAME_FRAME][i][0])
			return true;
	return false;
}

enum status raw_alone(const struct machine *m, struct complaint *c)
{
	if (!frames_named(m))
		return OK;
	for (unsigned t = 0; t < MAX_TASKS; t++)
		for (unsigned i = 0; i < peek_program(m, t)->count; i++) {
			const struct op *op = &peek_program(m, t)->op[i];

			if (!op_is_raw(op))
				return complain(c, BAD_STATE, "'%s' cannot be: a machine with `frame` lines has raw instructions "
					"only, ld, st, pte, inv, shoot and ldpte", op_table[op->kind].word);
		}
	return OK;
}

/* frame NAME [= VALUE] */
enum status line_frame(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w = setup_take(rest, "=");
	uint64_t value = 0;
	char name[MAX_NAME];
	unsigned pfn;
	bool given;
	enum status s;

	if (!setup_name_fits(w, name, c))
		return c->status;
	if (name_find(&m->names, NAME_FRAME, w) != NONE)
		return complain(c, BAD_NAME, "there is a frame '%s' already", name);
	s = setup_value(rest, &given, &value, c);
	if (s != OK)
		return s;
	pfn = frame_alloc(m, FRAME_ANON, NONE);
	if (pfn == NO_FRAME)
		return setup_limit(c, "MAX_FRAMES", MAX_FRAMES);
	write_frame(m, pfn)->value = (uint32_t)value;
	memcpy(m->names.name[NAME_FRAME][pfn], name, sizeof(name));
	return raw_alone(m, c);
}

/* entry MM ADDRESS FRAME rw|ro|none */
enum status line_entry(struct machine *m, const char **rest, struct complaint *c)
{
	unsigned mm = 0, pfn;
	uint64_t va = 0;
	struct word w;
	uint8_t prot;
	enum status s = setup_mm(m, rest, &mm, c);

	if (s == OK)
		s = setup_address(m, rest, &va, c);
	if (s != OK)
		return s;
	w = setup_take(rest, "");
	pfn = name_find(&m->names, NAME_FRAME, w);
	if (pfn == NONE)
		return setup_wrong(c, BAD_NAME, w, "a frame that a `frame` line made");
	w = setup_take(rest, "");
	if (!raw_prot_read(w, &prot))
		return WRONG(w, "rw, ro or none");
	if (!entry_raw(m, mm, va, pfn, prot))
		return complain(c, BAD_LIMIT, "there is no room for an entry there: a huge page is mapped, or TABLE_SLOTS, %u, "
			"or MAX_FRAMES, %u, are in use", TABLE_SLOTS, MAX_FRAMES);
	return OK;
}
