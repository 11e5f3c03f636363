/*
 * setup_machine.c - machine, kernel, switch: what the machine is and how its kernel behaves.
 */
#include <string.h>

#include "setup_words.h"

enum status line_machine(struct machine *m, const char **rest, struct complaint *c)
{
	struct word w, key, value;

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
			write_profile(m, 0)->pcid = word_is(value, "on");
		} else if (word_is(key, "arch")) {
			if (!word_is(value, "x86"))
				return WRONG(w, "arch=x86");
		} else if (word_is(key, "spec")) {
			static const struct { const char *word; enum spec spec; } specs[] = {
				{ "off", SPEC_OFF }, { "fill", SPEC_FILL }, { "full", SPEC_FULL }, { "explicit", SPEC_FULL },
				{ "whole", SPEC_WHOLE }, { "saturate", SPEC_SATURATE },
			};
			unsigned s = 0;

			while (s < 6 && !word_is(value, specs[s].word))
				s++;
			if (s == 6)
				return WRONG(w, "spec=off, spec=fill, spec=explicit (or full), spec=whole or spec=saturate");
			write_profile(m, 0)->spec = (uint8_t)specs[s].spec;
		} else {
			return WRONG(w, "arch=x86, cpus=N, gather=N, pcid=on|off or spec=off|fill|explicit|whole|saturate");
		}
	}
	return OK;
}

static enum status one_switch(struct machine *m, struct word w, struct complaint *c)
{
	struct word value, key = word_split(w, '=', &value);

	for (unsigned s = 0; s < SWITCH_COUNT; s++) {
		const struct switch_info *info = &switch_table[s];

		if (!word_is(key, info->name))
			continue;
		for (unsigned v = 0; v < 3 && info->value[v]; v++)
			if (word_is(value, info->value[v])) {
				write_profile(m, 0)->value[s] = (uint8_t)v;
				return OK;
			}
		return complain(c, BAD_VALUE, "'%.*s' should be %s=%s%s%s%s%s", (int)w.len, w.at, info->name, info->value[0],
			" or ", info->value[1], info->value[2] ? " or " : "", info->value[2] ? info->value[2] : "");
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
	struct word w = setup_take(rest, "");

	for (unsigned k = 0; k < KERNELS; k++)
		if (word_is(w, kernel_table[k].name)) {
			memset(write_profile(m, 0)->value, 0, sizeof(((struct profile *)0)->value));
			for (unsigned i = 0; i < kernel_table[k].count; i++)
				write_profile(m, 0)->value[kernel_table[k].set[i].id] = kernel_table[k].set[i].value;
			return OK;
		}
	return setup_wrong(c, BAD_NAME, w, "a kernel: latest, 7.2, 6.18, 6.12, 6.6, 6.1, 5.15, 5.0 or 4.14");
}
