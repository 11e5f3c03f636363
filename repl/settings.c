/*
 * The settings. To add one: a row, and the two functions above it.
 */
#include "settings.h"

#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "screen.h"
#include "shell.h"

static enum color_wish color = COLOR_AUTO;
static bool hints = true;

static enum status value(struct word w, const struct setting *row, struct complaint *c);

static void get_policy(const struct session *s, struct text *t)
{
	text_add(t, "%s", policy_names[s->set.policy]);
}

static enum status put_policy(struct session *s, struct word w, struct complaint *c)
{
	for (unsigned p = 0; p < POLICIES; p++)
		if (word_is(w, policy_names[p])) {
			s->set.policy = (enum policy)p;
			return OK;
		}
	return value(w, &setting_table[0], c);
}

static void get_seed(const struct session *s, struct text *t)
{
	text_add(t, "%llu", (unsigned long long)s->set.seed);
}

static enum status put_seed(struct session *s, struct word w, struct complaint *c)
{
	uint64_t seed;

	if (!word_number(w, &seed))
		return value(w, &setting_table[1], c);
	s->set.seed = seed;
	return OK;
}

static void get_verbose(const struct session *s, struct text *t)
{
	text_add(t, "%s", s->set.verbose ? "on" : "off");
}

static enum status put_verbose(struct session *s, struct word w, struct complaint *c)
{
	return arg_bool(w, &s->set.verbose, c);
}

static void get_color(const struct session *s, struct text *t)
{
	(void)s;
	text_add(t, "%s", color_wish_name(color));
}

void settings_color(struct session *s, enum color_wish wish)
{
	color = wish;
	s->out.color = color_wanted(wish, isatty(STDOUT_FILENO));
	screen_colors(s->out.theme, wish);
}

static enum status put_color(struct session *s, struct word w, struct complaint *c)
{
	char buf[16];
	enum color_wish wish;

	arg_copy(w, buf, sizeof(buf));
	if (!color_wish_find(buf, &wish))
		return value(w, &setting_table[3], c);
	settings_color(s, wish);
	return OK;
}

static void get_theme(const struct session *s, struct text *t)
{
	text_add(t, "%s", theme_name(s->out.theme));
}

static enum status put_theme(struct session *s, struct word w, struct complaint *c)
{
	char buf[16];

	arg_copy(w, buf, sizeof(buf));
	if (!theme_find(buf, &s->out.theme))
		return value(w, &setting_table[4], c);
	screen_colors(s->out.theme, color);
	return OK;
}

static void get_layout(const struct session *s, struct text *t)
{
	(void)s;
	text_add(t, "%s", shell_layout_name());
}

static enum status put_layout(struct session *s, struct word w, struct complaint *c)
{
	char buf[24], names[160];
	struct text t = text_over(names, sizeof(names));

	(void)s;
	arg_copy(w, buf, sizeof(buf));
	if (shell_layout(buf))
		return OK;
	for (const struct board_set *set = board_sets; set->name; set++)
		text_add(&t, "%s%s", set == board_sets ? "" : ", ", set->name);
	return complain(c, BAD_VALUE, "'%.*s' should be one of %s", (int)w.len, w.at, names);
}

static void get_hints(const struct session *s, struct text *t)
{
	(void)s;
	text_add(t, "%s", hints ? "on" : "off");
}

static enum status put_hints(struct session *s, struct word w, struct complaint *c)
{
	enum status status = arg_bool(w, &hints, c);

	(void)s;
	if (status == OK)
		screen_hints(hints);
	return status;
}

const struct setting setting_table[] = {
	{ "policy", "stay|round|random",
	  "whose action is the default: the last actor's, each in turn, or drawn", get_policy,
	  put_policy },
	{ "seed", "NUMBER", "what the random policy draws from", get_seed, put_seed },
	{ "verbose", "on|off", "say every event of a step", get_verbose, put_verbose },
	{ "color", "auto|always|never", "colours on a terminal", get_color, put_color },
	{ "theme", "dark|light|mono|colorblind", "which colours", get_theme, put_theme },
	{ "layout", "NAME", "which panes the screen shows", get_layout, put_layout },
	{ "hints", "on|off", "the row of keys above the prompt", get_hints, put_hints },
	{ NULL, NULL, NULL, NULL, NULL },
};

static enum status value(struct word w, const struct setting *row, struct complaint *c)
{
	return complain(c, BAD_VALUE, "'%.*s' should be %s", (int)(w.len < 60 ? w.len : 60), w.at,
			row->values);
}

static const struct setting *find(struct word name)
{
	for (const struct setting *row = setting_table; row->name; row++)
		if (word_is(name, row->name))
			return row;
	return NULL;
}

static void say(struct session *s, const struct setting *row)
{
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	row->get(s, &t);
	if (s->out.json)
		out_object(&s->out, "setting",
			   json_pack("{s:s, s:s}", "name", row->name, "value", buf));
	else
		out_line(&s->out, "%-8s %-9s %s (%s)", row->name, buf, row->help, row->values);
}

void settings_list(struct session *s)
{
	for (const struct setting *row = setting_table; row->name; row++)
		say(s, row);
}

bool settings_show(struct session *s, struct word name)
{
	const struct setting *row = find(name);

	if (row)
		say(s, row);
	return row != NULL;
}

enum status settings_put(struct session *s, struct word name, struct word v, struct complaint *c)
{
	const struct setting *row = find(name);
	enum status status;

	if (word_is(name, "spec"))
		return complain(
			c, BAD_STATE,
			"spec belongs to the machine: `machine cpus=2 spec=fill` in the scenario");
	if (!row)
		return complain(c, BAD_NAME, "'%.*s' is no setting: `set` lists them",
				(int)(name.len < 60 ? name.len : 60), name.at);
	status = row->put(s, v, c);
	if (status == OK)
		say(s, row);
	return status;
}
