/*
 * The words of expressions: names of objects, the words that a value can be compared with, values in words.
 */
#include "expr.h"

#include "named.h"
#include "routines.h"
#include "say.h"
#include "task.h"

const char *expr_args_words(enum expr_args args)
{
	static const char *const words[] = {
		[ARGS_NONE] = "",      [ARGS_MM] = "MM",	  [ARGS_MM_VA] = "MM,ADDRESS",
		[ARGS_VA] = "ADDRESS", [ARGS_FRAME] = "FRAME",	  [ARGS_AGENT_VA] = "ACTOR,ADDRESS",
		[ARGS_CPU] = "CPU",    [ARGS_TASK] = "TASK",	  [ARGS_REGISTER] = "TASK,rN", [ARGS_PAGE] = "FILE,N", [ARGS_LOCK] = "LOCK",
		[ARGS_DEV] = "DEVICE", [ARGS_SUB] = "SUBSCRIBER", [ARGS_RULE] = "RULE",
	};

	return words[args];
}

/* ---- names ---- */

const char *expr_object(const struct machine *m, enum expr_args args, struct word w,
			unsigned *object)
{
	static const struct {
		enum name_kind kind;
		unsigned most;
		const char *want;
	} named[] = {
		[ARGS_MM] = { NAME_MM, MAX_MMS, "is no mm: `info mms` lists them" },
		[ARGS_MM_VA] = { NAME_MM, MAX_MMS, "is no mm: `info mms` lists them" },
		[ARGS_TASK] = { NAME_TASK, MAX_TASKS, "is no task: `info tasks` lists them" },
		[ARGS_REGISTER] = { NAME_TASK, MAX_TASKS, "is no task: `info tasks` lists them" },
		[ARGS_PAGE] = { NAME_FILE, MAX_FILES, "is no file of this machine" },
		[ARGS_DEV] = { NAME_DEV, MAX_DEVS, "is no device: `info iommu` lists them" },
		[ARGS_SUB] = { NAME_SUB, MAX_SUBS, "is no subscriber: `info subs` lists them" },
	};

	*object = 0;
	switch (args) {
	case ARGS_MM:
	case ARGS_MM_VA:
	case ARGS_TASK:
	case ARGS_REGISTER:
	case ARGS_PAGE:
	case ARGS_DEV:
	case ARGS_SUB:
		*object = name_find(&m->names, named[args].kind, w);
		return *object < named[args].most ? NULL : named[args].want;
	case ARGS_AGENT_VA:
		return agent_named(m, w, object) ?
			       NULL :
			       "has no translations: use a CPU (cpu1), a device or a subscriber";
	case ARGS_CPU:
		return cpu_named(m, w, object) ? NULL :
						 "is no CPU of this machine: write 0 or cpu0";
	case ARGS_LOCK:
		return lock_named(m, w, object) ?
			       NULL :
			       "is no lock: `info locks` lists them, such as mmap_lock_of_A or "
			       "ptl(pfn_7)";
	case ARGS_RULE:
		*object = rule_find(w);
		return *object ? NULL : "is no rule: `inv` lists them";
	case ARGS_NONE:
	case ARGS_VA:
	case ARGS_FRAME:
		break;
	}
	return NULL;
}

/* ---- words ---- */

static bool one_of(const char *const *words, unsigned count, unsigned n, struct text *t)
{
	if (n < count)
		text_add(t, "%s", words[n]);
	return n < count;
}

#define ONE_OF(words) one_of(words, sizeof(words) / sizeof((words)[0]), n, t)

static bool name_word(const struct machine *m, enum name_kind kind, unsigned count, unsigned n,
		      struct text *t)
{
	if (n < count)
		name_text(t, &m->names, kind, n);
	return n < count;
}

static bool ctx_word(const struct machine *m, unsigned n, struct text *t)
{
	if (n < MAX_TASKS)
		name_text(t, &m->names, NAME_TASK, n);
	else
		text_add(t, "%s_on_cpu%u", context_word(n), context_cpu(n));
	return n < MAX_CTX;
}

bool type_word(const struct machine *m, enum expr_type type, unsigned n, struct text *t)
{
	static const char *const owners[] = { "free", "anon", "file", "table", "zero" };
	static const char *const mm_states[] = { "unborn", "live", "exiting", "dead" };
	static const char *const task_states[] = { "ready", "done" };

	switch (type) {
	case TYPE_NUMBER:
	case TYPE_BOOL:
	case TYPE_FRAME:
	case TYPE_ENTRY:
	case TYPE_CPUS:
	case TYPES:
		break;
	case TYPE_OWNER:
		return ONE_OF(owners);
	case TYPE_MM_STATE:
		return ONE_OF(mm_states);
	case TYPE_TASK_STATE:
		return ONE_OF(task_states);
	case TYPE_RESULT:
		if (n < RES_KINDS)
			text_add(t, "%s", result_name(n));
		return n < RES_KINDS;
	case TYPE_OPERATION:
		if (n < OP_KINDS && op_table[n].word)
			text_add(t, "%s", op_table[n].word);
		return n < OP_KINDS;
	case TYPE_ROUTINE:
		if (n < ROUTINE_COUNT)
			text_add(t, "%s", routine_table[n]->name);
		return n < ROUTINE_COUNT;
	case TYPE_MM:
		if (n == MAX_MMS)
			text_add(t, "switching");
		return n == MAX_MMS || name_word(m, NAME_MM, MAX_MMS, n, t);
	case TYPE_TASK:
		return name_word(m, NAME_TASK, MAX_TASKS, n, t);
	case TYPE_CTX:
		return ctx_word(m, n, t);
	}
	return false;
}

void value_text(const struct machine *m, enum expr_type type, struct value v, struct text *t)
{
	uint64_t n = (uint64_t)v.n;

	if (v.none)
		text_add(t, "none");
	else if (type == TYPE_BOOL)
		text_add(t, v.n ? "true" : "false");
	else if (type == TYPE_ENTRY)
		pte_text(t, n, LEVEL_PTE);
	else if (type == TYPE_CPUS)
		text_add(t, "0x%llx (cpus %s)", (unsigned long long)n, say_cpus((unsigned)n).is);
	else if (type == TYPE_NUMBER || type == TYPE_FRAME || !type_word(m, type, (unsigned)n, t))
		text_add(t, "%lld", (long long)v.n);
}
