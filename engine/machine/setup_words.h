/*
 * setup_words.h - the words that set-up lines are made of, and the lines by subject.
 *
 * Private to the setup_*.c files.  A reader answers with a status and, when it is not OK, a sentence that
 * names the word that was wrong and what would be right.
 */
#ifndef SETUP_WORDS_H
#define SETUP_WORDS_H

#include "machine.h"

/* The next word; at the end of the line, a word that says so. */
struct word setup_take(const char **rest, const char *alone);
/* "'WORD' should be WANT". */
enum status setup_wrong(struct complaint *c, enum status status, struct word w, const char *want);
#define WRONG(w, want) setup_wrong(c, BAD_VALUE, (w), (want))
/* "the machine is too small: NAME is VALUE". */
enum status setup_limit(struct complaint *c, const char *name, unsigned value);
/* The name of an mm that has been born. */
enum status setup_mm(struct machine *m, const char **rest, unsigned *mm, struct complaint *c);
/* The address of a page, never 0. */
enum status setup_address(struct machine *m, const char **rest, uint64_t *va, struct complaint *c);
/* "Np", 1 to max. */
enum status setup_pages(const char **rest, unsigned max, unsigned *n, struct complaint *c);
/* "= VALUE" at the end of a line; false when the line ends before it. */
enum status setup_value(const char **rest, bool *given, uint64_t *value, struct complaint *c);
/* Is the word fit for a name: 1 to MAX_NAME - 1 characters, a letter first? */
bool setup_name_fits(struct word w, char buf[MAX_NAME], struct complaint *c);
/* A new name of its kind, in the first free place below max; `what` names that limit. */
enum status setup_name(struct machine *m, const char **rest, enum name_kind kind, unsigned max, const char *what,
	unsigned *index, struct complaint *c);

/* "cpu1", of a CPU that the machine has. */
bool setup_cpu(struct machine *m, struct word w, uint64_t *cpu);
/* Named frames and operations of the kernel exclude each other. */
enum status raw_alone(const struct machine *m, struct complaint *c);

/* Lines: see setup_table. */
enum status line_machine(struct machine *m, const char **rest, struct complaint *c);
enum status line_kernel(struct machine *m, const char **rest, struct complaint *c);
enum status line_switch(struct machine *m, const char **rest, struct complaint *c);
enum status line_mm(struct machine *m, const char **rest, struct complaint *c);
enum status line_asid(struct machine *m, const char **rest, struct complaint *c);
enum status line_file(struct machine *m, const char **rest, struct complaint *c);
enum status line_driver(struct machine *m, const char **rest, struct complaint *c);
enum status line_vma(struct machine *m, const char **rest, struct complaint *c);
enum status line_touch(struct machine *m, const char **rest, struct complaint *c);
enum status line_frame(struct machine *m, const char **rest, struct complaint *c);
enum status line_entry(struct machine *m, const char **rest, struct complaint *c);
enum status line_warm(struct machine *m, const char **rest, struct complaint *c);
enum status line_lazy(struct machine *m, const char **rest, struct complaint *c);
/* At the end of set-up: who holds references on address spaces. */
void lazy_finish(struct machine *m);
enum status line_nmi(struct machine *m, const char **rest, struct complaint *c);
enum status line_probe(struct machine *m, const char **rest, struct complaint *c);
enum status line_task(struct machine *m, const char **rest, struct complaint *c);
enum status line_device(struct machine *m, const char **rest, struct complaint *c);
enum status line_sva(struct machine *m, const char **rest, struct complaint *c);
enum status line_shadow(struct machine *m, const char **rest, struct complaint *c);

#endif
