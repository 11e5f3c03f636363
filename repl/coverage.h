/*
 * What a search took, by name: the steps of each routine by their line, and the kinds of action. As JSON it
 * goes from one machine to another, so nothing in it is a number of this build.
 */
#ifndef COVERAGE_H
#define COVERAGE_H

#include <jansson.h>

#include "explore.h"

struct coverage {
	uint64_t lines[ROUTINE_COUNT]; /* a bit per line, as in explore_result */
	uint32_t kinds;		       /* a bit per enum action_kind */
};

/* How many steps a routine has, and how many of them are in `taken`. */
void coverage_count(unsigned routine, uint64_t taken, unsigned *steps, unsigned *reached);
/* Adds what a result took. */
void coverage_add(struct coverage *cover, const struct explore_result *r);
/* {"lines":{ROUTINE:[LINE...]...},"actions":[KIND...]} */
json_t *coverage_json(const struct coverage *cover);
/* Adds what such an object holds; the sentence names what this program does not know. */
enum status coverage_read(json_t *object, struct coverage *cover, struct complaint *c);

#endif
