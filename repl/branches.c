/*
 * Branches by number and name.
 */
#include "branches.h"

#include <stdlib.h>
#include <string.h>

void branches_begin(struct session *s)
{
	s->branches = 0;
	s->branch[0] = 0;
	s->names = 0;
	s->forked = 0;
}

static const struct named_branch *named(const struct session *s, unsigned id)
{
	for (unsigned i = 0; i < s->names; i++)
		if (s->named[i].id == id)
			return &s->named[i];
	return NULL;
}

/* Does another step from the parent go on with the parent's branch? */
static bool line_goes_on(const struct session *s, uint32_t node)
{
	uint32_t parent = s->t.node[node].parent;

	for (uint32_t n = s->t.node[parent].child; n; n = s->t.node[n].sibling)
		if (n != node && s->branch[n] == s->branch[parent])
			return true;
	return false;
}

void branches_grown(struct session *s)
{
	uint32_t node = s->t.cursor, parent = s->t.node[node].parent;
	const struct named_branch *fork = s->forked ? named(s, s->forked) : NULL;

	s->branch[node] = s->branch[parent];
	if (fork && fork->from == parent) {
		s->branch[node] = fork->id;
		s->forked = 0;
	} else if (line_goes_on(s, node)) {
		s->branch[node] = (uint16_t)++s->branches;
		fork = NULL;
	} else {
		return;
	}
	tape_branch(&s->rec.tape, s->branch[node], s->branch[parent], s->t.node[parent].depth,
		    fork ? fork->name : "");
}

static bool is_free(const struct session *s, const char *name)
{
	struct word w = { name, strlen(name) };
	struct complaint no;
	uint32_t tip;
	unsigned id;

	return branches_find(s, w, &id, &tip, &no) != OK;
}

static void name_add(struct session *s, unsigned id, const char *name, uint32_t from)
{
	struct named_branch *b = &s->named[s->names++];

	memset(b, 0, sizeof(*b));
	b->id = (uint16_t)id;
	b->from = from;
	snprintf(b->name, sizeof(b->name), "%s", name);
}

void branches_restore(struct session *s, uint64_t id, const char *name)
{
	uint32_t node = s->t.cursor;

	if (!node || !id || id > TIMELINE_NODES)
		return;
	s->branch[node] = (uint16_t)id;
	if (id > s->branches)
		s->branches = (unsigned)id;
	if (*name && strlen(name) < MAX_NAME && s->names < MAX_MARKS && is_free(s, name))
		name_add(s, (unsigned)id, name, s->t.node[node].parent);
}

/* b7: what a branch is called that has no name of its own. */
static bool made_name(struct word w, uint64_t *id)
{
	return w.len > 1 && *w.at == 'b' && word_number((struct word){ w.at + 1, w.len - 1 }, id);
}

enum status branches_fork(struct session *s, const char *name, struct complaint *c)
{
	struct word w = { name, strlen(name) };
	char made[MAX_NAME], buf[MAX_NAME];
	uint64_t number;

	if (s->names == MAX_MARKS || s->branches == TIMELINE_NODES)
		return complain(c, BAD_LIMIT, "%u branches have names: MAX_MARKS is %u", s->names,
				MAX_MARKS);
	snprintf(made, sizeof(made), "b%u", s->branches + 1);
	if (*name && (!word_copy(w, buf, sizeof(buf)) || made_name(w, &number)))
		return complain(c, BAD_VALUE,
				"'%.40s' should be a name of 1 to %u characters, and not b and a "
				"number",
				name, MAX_NAME - 1);
	if (*name && !is_free(s, name))
		return complain(c, BAD_NAME, "there is a branch %s already: `tree` shows them",
				name);
	s->forked = ++s->branches;
	name_add(s, s->forked, *name ? name : made, s->t.cursor);
	return OK;
}

void branches_name(const struct session *s, unsigned id, struct text *t)
{
	const struct named_branch *b = named(s, id);

	if (b)
		text_add(t, "%s", b->name);
	else if (id)
		text_add(t, "b%u", id);
	else
		text_add(t, "main");
}

/* The last state of a branch, NO_NODE when it has none. */
static uint32_t last_of(const struct session *s, unsigned id)
{
	uint32_t tip = NO_NODE;

	for (uint32_t n = 0; n < s->t.nodes; n++)
		if (s->branch[n] == id &&
		    (tip == NO_NODE || s->t.node[n].depth > s->t.node[tip].depth))
			tip = n;
	return tip;
}

enum status branches_find(const struct session *s, struct word w, unsigned *id, uint32_t *tip,
			  struct complaint *c)
{
	uint64_t number = UINT64_MAX;

	if (word_is(w, "main"))
		number = 0;
	else
		made_name(w, &number);
	for (unsigned i = 0; i < s->names; i++)
		if (word_is(w, s->named[i].name))
			number = s->named[i].id;
	if (number <= s->branches) {
		*id = (unsigned)number;
		*tip = last_of(s, *id);
		if (*tip == NO_NODE && named(s, *id))
			*tip = named(s, *id)->from;
		if (*tip != NO_NODE)
			return OK;
	}
	return complain(c, BAD_NAME, "'%.*s' is no branch: `tree` shows them",
			(int)(w.len < 60 ? w.len : 60), w.at);
}

/* ---- the tree ---- */

struct limb {
	uint32_t first, last; /* states; NO_NODE: no step yet */
	uint32_t from;	      /* the state that it leaves */
	uint16_t child, sibling, parent;
	bool used;
};

static void limbs_find(const struct session *s, struct limb *limb)
{
	for (unsigned id = 0; id <= s->branches; id++) {
		const struct named_branch *b = named(s, id);

		limb[id] = (struct limb){ .first = NO_NODE, .last = NO_NODE, .used = b };
		limb[id].from = b ? b->from : 0;
	}
	/* Nodes are numbered as they came, so a branch's first comes first. */
	for (uint32_t n = 0; n < s->t.nodes; n++) {
		struct limb *l = &limb[s->branch[n]];

		l->used = true;
		if (l->first == NO_NODE) {
			l->first = n;
			l->from = s->t.node[n].parent;
		}
		l->last = n;
	}
	for (unsigned id = s->branches; id > 0; id--) {
		unsigned parent = s->branch[limb[id].from];

		if (!limb[id].used || parent == id)
			continue;
		limb[id].parent = (uint16_t)parent;
		limb[id].sibling = limb[parent].child;
		limb[parent].child = (uint16_t)id;
	}
}

/* The first rule that a step of the branch broke, and where. */
static unsigned rule_of(const struct session *s, const struct limb *l, uint32_t *depth)
{
	unsigned rule = RULE_NONE;

	for (uint32_t n = l->last; n != NO_NODE; n = s->t.node[n].parent) {
		if (s->t.node[n].finding.rule) {
			rule = s->t.node[n].finding.rule;
			*depth = s->t.node[n].depth;
		}
		if (n == l->first)
			break;
	}
	return rule;
}

static void say_limb(struct session *s, unsigned id, const struct limb *l, unsigned nested)
{
	char name[MAX_NAME + 40], words[160];
	struct text nt = text_over(name, sizeof(name)), wt = text_over(words, sizeof(words));
	bool here = s->branch[s->t.cursor] == id;
	uint32_t at = 0, from = s->t.node[l->from].depth;
	unsigned rule = rule_of(s, l, &at);

	branches_name(s, id, &nt);
	if (s->out.json) {
		out_object(&s->out, "branch",
			   json_pack("{s:s, s:I, s:I, s:b, s:s}", "name", name, "from",
				     (json_int_t)from, "last",
				     (json_int_t)(l->last == NO_NODE ? from :
								       s->t.node[l->last].depth),
				     "here", here, "finding", rule ? rule_table[rule].name : ""));
		return;
	}
	if (id)
		text_add(&wt, "leaves it at step %u, ", from);
	if (l->last == NO_NODE)
		text_add(&wt, "no step yet");
	else
		text_add(&wt, "goes to step %u", s->t.node[l->last].depth);
	if (rule)
		text_add(&wt, ", breaks %s at step %u", rule_table[rule].name, at);
	if (here)
		text_add(&wt, "; here, at step %u", timeline_depth(&s->t));
	if (s->forked == id && id)
		text_add(&wt, "; the next new step begins it");
	out_line(&s->out, "%c %*s%-12s %s", here ? '*' : ' ', (int)(nested < 20 ? 2 * nested : 40),
		 "", name, words);
}

enum status branches_say(struct session *s, struct complaint *c)
{
	struct limb *limb = calloc(s->branches + 1u, sizeof(*limb));
	unsigned id = 0, nested = 0;

	if (!limb)
		return complain(c, BAD_LIMIT, "there is no memory for the tree");
	limbs_find(s, limb);
	for (;;) {
		say_limb(s, id, &limb[id], nested);
		if (limb[id].child) {
			id = limb[id].child;
			nested++;
			continue;
		}
		while (id && !limb[id].sibling) {
			id = limb[id].parent;
			nested--;
		}
		if (!id)
			break;
		id = limb[id].sibling;
	}
	free(limb);
	return OK;
}
