/*
 * setup_machine.c - machine, kernel, switch: what the machine is and how its kernel behaves.
 */
#include <string.h>

#include "history.h"
#include "setup.h"
#include "setup_words.h"

static bool arch_read(struct machine *m, struct word w)
{
	static const char *const archs[ARCHES] = { "x86", "x86-invlpgb", "arm64" };

	for (unsigned a = 0; a < ARCHES; a++)
		if (word_is(w, archs[a])) {
			write_profile(m, 0)->arch = (uint8_t)a;
			return true;
		}
	return false;
}

bool spec_named(struct word w, enum spec *spec)
{
	static const struct { const char *word; enum spec spec; } specs[] = {
		{ "off", SPEC_OFF }, { "fill", SPEC_FILL }, { "full", SPEC_FULL }, { "explicit", SPEC_FULL },
		{ "whole", SPEC_WHOLE }, { "saturate", SPEC_SATURATE },
	};

	for (unsigned i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		if (word_is(w, specs[i].word)) {
			*spec = specs[i].spec;
			return true;
		}
	return false;
}

enum status line_machine(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w, key, value;
	unsigned pcid = NONE;

	while (word_next(rest, "", &w)) {
		uint64_t n;

		key = word_split(w, '=', &value);
		if (word_is(key, "cpus")) {
			if (!word_number(value, &n) || n < 1 || n > MAX_CPUS)
				return complain(c, BAD_VALUE, "'%.*s' should be cpus=1 to cpus=%u", (int)w.len, w.at, MAX_CPUS);
			for (unsigned i = 0; i < n; i++)
				write_cpu(m, i)->online = 1;
		} else if (word_is(key, "gather")) {
			if (!word_number(value, &n) || n < 1 || n > GATHER_PAGES)
				return complain(c, BAD_VALUE, "'%.*s' should be gather=1 to gather=%u", (int)w.len, w.at,
					GATHER_PAGES);
			write_profile(m, 0)->batch = (uint8_t)n;
		} else if (word_is(key, "pcid")) {
			if (!word_is(value, "on") && !word_is(value, "off"))
				return WRONG(w, "pcid=on or pcid=off");
			pcid = word_is(value, "on");
		} else if (word_is(key, "store-buffer")) {
			if (!word_is(value, "on") && !word_is(value, "off"))
				return WRONG(w, "store-buffer=on or store-buffer=off");
			write_profile(m, 0)->store_buffer = word_is(value, "on");
		} else if (word_is(key, "multi-hit")) {
			if (!word_is(value, "either") && !word_is(value, "mce"))
				return WRONG(w, "multi-hit=either or multi-hit=mce");
			write_profile(m, 0)->multi_hit = word_is(value, "mce");
		} else if (word_is(key, "arch")) {
			if (!arch_read(m, value))
				return WRONG(w, "arch=x86, arch=x86-invlpgb or arch=arm64");
		} else if (word_is(key, "global-asid")) {
			if (!word_number(value, &n) || n < 1 || n > MAX_CPUS)
				return complain(c, BAD_VALUE, "'%.*s' should be global-asid=1 to global-asid=%u: on how many CPUs an mm must be "
					"active to get one", (int)w.len, w.at, MAX_CPUS);
			write_profile(m, 0)->asid_cpus = (uint8_t)n;
		} else if (word_is(key, "asids")) {
			if (!word_number(value, &n) || n < 1 || n > MAX_ASIDS)
				return complain(c, BAD_VALUE, "'%.*s' should be asids=1 to asids=%u: how many global ASIDs there are",
					(int)w.len, w.at, MAX_ASIDS);
			write_profile(m, 0)->asids = (uint8_t)n;
		} else if (word_is(key, "spec")) {
			enum spec spec;

			if (!spec_named(value, &spec))
				return WRONG(w, "spec=off, spec=fill, spec=explicit (or full), spec=whole or spec=saturate");
			write_profile(m, 0)->spec = (uint8_t)spec;
		} else {
			return WRONG(w, "arch=x86|x86-invlpgb|arm64, cpus=N, gather=N, pcid=on|off, store-buffer=on|off, multi-hit=either|mce, "
				"spec=off|fill|explicit|whole|saturate, global-asid=N or asids=N");
		}
	}
	/* INVLPGB needs PCIDs; arm64 has ASIDs, always. */
	if (pcid != NONE && !arch_is(m, ARCH_X86))
		return complain(c, BAD_VALUE, "pcid=%s: only arch=x86 has the choice", pcid ? "on" : "off");
	if (pcid != NONE || arch_is(m, ARCH_X86_INVLPGB))
		write_profile(m, 0)->pcid = pcid != 0;
	return OK;
}

/* "a, b or c" */
static void choices(struct text *t, const char *const name[], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		text_add(t, "%s%s", i == 0 ? "" : i + 1 < n ? ", " : " or ", name[i]);
}

static enum status set_kernel(struct machine *m, struct word w, struct complaint *c)
{
	for (unsigned k = 0; k < RELEASE_COUNT; k++)
		if (word_is(w, release_names[k])) {
			history_values(k, write_profile(m, 0)->value);
			return OK;
		}
	return setup_wrong(c, BAD_NAME, w, "a kernel, such as latest, 6.12 or 4.14-rc: `help kernels` lists them");
}

static enum status one_switch(struct machine *m, struct word w, struct complaint *c)
{
	struct word value, key = word_split(w, '=', &value);
	char want[240];
	struct text t = text_over(want, sizeof(want));

	if (word_is(key, "kernel"))
		return set_kernel(m, value, c);
	for (unsigned s = 0; s < SWITCH_COUNT; s++) {
		const struct switch_info *info = &switch_table[s];
		unsigned v = 0;

		if (!word_is(key, info->name))
			continue;
		for (; v < SWITCH_VALUES && info->value[v]; v++)
			if (word_is(value, info->value[v])) {
				write_profile(m, 0)->value[s] = (uint8_t)v;
				return OK;
			}
		choices(&t, info->value, v);
		return complain(c, BAD_VALUE, "'%.*s' should be %s=%s", (int)w.len, w.at, info->name, want);
	}
	return complain(c, BAD_NAME, "'%.*s' is no switch: `help switches` lists them", (int)key.len, key.at);
}

enum status line_switch(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w;

	while (word_next(rest, "", &w)) {
		enum status s = one_switch(m, w, c);

		if (s != OK)
			return s;
	}
	return OK;
}

enum status line_kernel(struct machine *m, const char **rest, struct complaint *c)
{
	return set_kernel(m, setup_take(rest, ""), c);
}
