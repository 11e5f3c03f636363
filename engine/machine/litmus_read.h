/*
 * litmus_read.h - what the readers of a litmus test's lines share; private to the litmus*.c files.
 *
 * A reader answers false after it has filled the sentence.
 */
#ifndef LITMUS_READ_H
#define LITMUS_READ_H

#include "litmus.h"
#include "setup_words.h"

/* One reading: the test's own lines, what they become, and the machine it builds. */
struct reader {
	struct litmus *l;
	struct machine *m;
	struct effects *fx;
	struct complaint *c;
	const char *end;	/* of the test's text */
	struct text out;	/* l->scenario */
};

/* "'WORD' should be WANT".  False. */
bool litmus_wrong(struct reader *r, struct word w, const char *want);

/* The head of the next line that says something; *rest is what follows the ':' behind it.  False at the end of the
 * test. */
bool litmus_line(struct reader *r, struct litmus_text *t, struct word *head, const char **rest);
/* Is it the head of a thread's line?  Which: "P0" to "P3". */
bool litmus_is_thread(struct word head);
bool litmus_thread(struct reader *r, struct word w, unsigned *thread);
/* rw, ro or none. */
bool litmus_rights(struct reader *r, const char **rest, const char *alone, uint8_t *prot, struct word *w);
/* The address of a name, NULL when the test has none. */
const struct region *litmus_address(const struct reader *r, struct word w);

/* The ask: and verdict: lines; the threads have been read. */
bool litmus_outcome(struct reader *r, struct litmus_text t);

#endif
