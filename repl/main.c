/*
 * shootdown: the command line. What is a command at the prompt is a command here.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "conductor.h"
#include "lineui.h"
#include "runner.h"
#include "screen.h"
#include "settings.h"
#include "shell.h"
#include "signals.h"

static const char usage[] =
	"usage: shootdown [OPTION ...] [NAME|FILE] [--variant V]\n"
	"       shootdown [OPTION ...] COMMAND [WORD ...]\n"
	"\n"
	"Opens a scenario (mremap-late-flush when none is named) on the terminal, or carries out "
	"one command:\n"
	"run, explore, litmus, verify, scenarios, sessions, replay, export, show, actions, ... "
	"(`shootdown help`).\n"
	"Commands also come from standard input; without any, the scenario is played to its "
	"finding.\n"
	"\n"
	"  --plain               lines instead of panes\n"
	"  -c 'CMD; CMD'         carry out these commands; the first that is refused ends them\n"
	"  --variant V           which variant of the scenario\n"
	"  --json                answer in JSON Lines\n"
	"  --seed N              for the random policy\n"
	"  --color=auto|always|never\n"
	"  --ascii               draw with ASCII only\n"
	"  --no-record           keep no record of the session\n"
	"  --db FILE             the session file, instead of the one in the data directory\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 fine, 1 our failure, 2 bad usage or input, 3 a finding, 4 a bound was "
	"hit.\n";

struct wishes {
	bool plain, json, ascii, no_record;
	const char *commands, *db, *variant, *seed;
	enum color_wish color;
	char **word; /* what is left of argv: a scenario, or a command and its words */
	int words;
};

static struct session *the_session;

/* Our own bug: print what reproduces it. Nothing here may rely on the machine being whole. */
static void on_check(const char *file, int line, const char *cond)
{
	static bool reported;
	struct session *s = the_session;
	char label[MAX_LABEL];

	fprintf(stderr, "shootdown: a bug: %s:%d: %s\n", file, line, cond);
	if (reported || !s || !s->loaded)
		return;
	reported = true;
	fprintf(stderr, "this leads to it:\n  load %s %s", s->sc->name,
		s->sc->variant[s->variant].name);
	for (uint32_t d = 1; d <= s->t.node[s->t.cursor].depth; d++) {
		struct text t = text_over(label, sizeof(label));
		uint32_t n = s->t.cursor;

		while (s->t.node[n].depth > d)
			n = s->t.node[n].parent;
		label_text(&t, &s->m->names, &s->t.node[n].action);
		fprintf(stderr, "; do %s", label);
	}
	if (s->taking) {
		struct text t = text_over(label, sizeof(label));

		label_text(&t, &s->m->names, s->taking);
		fprintf(stderr, "; do %s", label);
	}
	fputc('\n', stderr);
	if (runner_current()) {
		static uint16_t index[MAX_TRACE];
		uint32_t n = explore_path(runner_current(), index);

		fputs("and then, in a search, the actions of these numbers:\n ", stderr);
		for (uint32_t i = 0; i < n; i++)
			fprintf(stderr, " %u;", index[i] + 1u);
		fputc('\n', stderr);
	}
}

static int refuse(const char *format, const char *word)
{
	fputs("shootdown: ", stderr);
	fprintf(stderr, format, word);
	fputc('\n', stderr);
	return 2;
}

static int refuse_scenario(const struct session *s, const struct complaint *c)
{
	if (!c->line)
		return refuse("%s", c->text);
	fprintf(stderr, "shootdown: %s:%u: %s\n", s->bad_file, c->line, c->text);
	return 2;
}

/* The value V in `--name=V` or `--name V`; NULL when this is another option, "" when V is absent. */
static const char *value_of(const char *name, char **argv, int *i)
{
	size_t n = strlen(name);

	if (strncmp(argv[*i], name, n))
		return NULL;
	if (argv[*i][n] == '=')
		return argv[*i] + n + 1;
	if (argv[*i][n])
		return NULL;
	if (!argv[*i + 1])
		return "";
	return argv[++*i];
}

static int wishes_read(struct wishes *w, char **argv)
{
	static const struct {
		const char *name;
		size_t at;
	} flags[] = {
		{ "--plain", offsetof(struct wishes, plain) },
		{ "--json", offsetof(struct wishes, json) },
		{ "--ascii", offsetof(struct wishes, ascii) },
		{ "--no-record", offsetof(struct wishes, no_record) },
	}, texts[] = {
		{ "-c", offsetof(struct wishes, commands) },
		{ "--db", offsetof(struct wishes, db) },
		{ "--seed", offsetof(struct wishes, seed) },
		{ "--variant", offsetof(struct wishes, variant) },
	};

	w->word = argv + 1; /* a word goes where an option was, or to where it is */
	for (int i = 1; argv[i]; i++) {
		const char *v = value_of("--color", argv, &i);
		bool known = false;

		if (v) {
			if (!color_wish_find(v, &w->color))
				return refuse("'%s' after --color should be auto, always or never",
					      v);
			continue;
		}
		for (size_t k = 0; k < sizeof(flags) / sizeof(flags[0]) && !known; k++)
			if (!strcmp(argv[i], flags[k].name))
				known = *(bool *)(void *)((char *)w + flags[k].at) = true;
		for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]) && !known; k++)
			if ((v = value_of(texts[k].name, argv, &i))) {
				if (!*v)
					return refuse("%s needs a value", texts[k].name);
				*(const char **)(void *)((char *)w + texts[k].at) = v;
				known = true;
			}
		if (known)
			continue;
		/* A command has options of its own. */
		if (argv[i][0] == '-' && argv[i][1] && !w->words)
			return refuse("'%s' is no option: `shootdown --help` lists them", argv[i]);
		w->word[w->words++] = argv[i];
	}
	return 0;
}

/* The words as one line; those with blanks are quoted. */
static char *join(const struct wishes *w)
{
	size_t size = 32;
	char *line, *at;

	for (int i = 0; i < w->words; i++)
		size += strlen(w->word[i]) + 3;
	size += w->variant ? strlen(w->variant) + 16 : 0;
	line = at = malloc(size);
	if (!line)
		return NULL;
	for (int i = 0; i < w->words; i++) {
		const char *quote = strpbrk(w->word[i], " \t;#") ? "\"" : "";

		at += sprintf(at, "%s%s%s%s", i ? " " : "", quote, w->word[i], quote);
	}
	if (w->variant)
		sprintf(at, " --variant %s", w->variant);
	return line;
}

/* Nobody types: show what the program is about. */
static void play_to_the_end(struct session *s)
{
	conductor_line(s, "explore");
	conductor_finish(s);
	conductor_line(s, "export now race; why");
	if (s->rec.id)
		out_line(&s->out, "session %llu: `shootdown replay %llu` steps through it",
			 (unsigned long long)s->rec.id, (unsigned long long)s->rec.id);
	s->failure |= !out_flush(&s->out);
}

/* The file of lines typed, in the user's state directory; NULL when there is no place for it. */
static const char *history_path(void)
{
	static char path[4096];
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state && *state == '/')
		n = snprintf(path, sizeof(path), "%s/shootdown", state);
	else if (home && *home == '/')
		n = snprintf(path, sizeof(path), "%s/.local/state/shootdown", home);
	else
		return NULL;
	if (n < 0 || (size_t)n > sizeof(path) - 16)
		return NULL;
	for (char *p = path + 1;; p++)
		if (!*p || *p == '/') {
			char was = *p;

			*p = '\0';
			if (mkdir(path, 0700) && errno != EEXIST)
				return NULL;
			*p = was;
			if (!was)
				break;
		}
	strcat(path, "/history");
	return path;
}

static void open_terminal(struct session *s, const struct wishes *w)
{
	struct client client = conductor_client(s);
	struct screen_options options = {
		.color = w->color,
		.theme = s->out.theme,
		.mouse = true,
		.hints = true,
		.history = history_path(),
	};
	const char *trouble = "";

	s->interactive = true;
	if (!w->plain && !w->json && isatty(STDOUT_FILENO)) {
		shell_open(s);
		trouble = screen_run(&client, &options);
		shell_close(s);
		if (trouble)
			out_error(&s->out, "%s; going on with lines", trouble);
	}
	if (trouble)
		lineui_run(&client, options.history);
}

static int one_command(struct session *s, const struct wishes *w)
{
	char *line = join(w);

	if (!line)
		return 1;
	/* Texts are taken as they stand. */
	conductor_line(s, line);
	conductor_finish(s);
	free(line);
	/* A replay is there to be stepped through, where somebody can. */
	if (s->rec.replaying && !s->over && isatty(STDIN_FILENO) &&
	    strcmp(w->word[w->words - 1], "--verify"))
		open_terminal(s, w);
	return conductor_status(s);
}

/* Does standard input have nothing at all? */
static bool input_is_empty(void)
{
	int c = getc(stdin);

	if (c == EOF)
		return true;
	ungetc(c, stdin);
	return false;
}

static enum status open_scenario(struct session *s, const struct wishes *w, bool wanted,
				 struct complaint *c)
{
	if (w->words > 1)
		return complain(c, BAD_SYNTAX,
				"'%.60s' is no command and '%.60s' after it is one word too many",
				w->word[0], w->word[1]);
	if (w->words || w->variant || wanted)
		return session_load(s, w->words ? w->word[0] : DEFAULT_SCENARIO,
				    w->variant ? w->variant : "", c);
	return OK;
}

static int work(struct session *s, const struct wishes *w)
{
	bool typed = isatty(STDIN_FILENO);
	struct complaint c = { 0 };

	if (w->words && command_named((struct word){ w->word[0], strlen(w->word[0]) })) {
		if (w->commands)
			return refuse("-c and the command '%s' exclude each other", w->word[0]);
		return one_command(s, w);
	}
	if (open_scenario(s, w, typed && !w->commands, &c) != OK)
		return refuse_scenario(s, &c);
	if (w->commands) {
		conductor_line(s, w->commands);
		conductor_finish(s);
	} else if (typed) {
		open_terminal(s, w);
		return s->failure;
	} else if (!w->plain && input_is_empty()) {
		/* The finding is what the demonstration is for, so it is no reason to fail. */
		play_to_the_end(s);
		return s->failure;
	} else {
		struct client client = conductor_client(s);

		lineui_run(&client, NULL);
	}
	return conductor_status(s);
}

int main(int argc, char **argv)
{
	static struct session session;
	struct wishes w = { 0 };
	struct session *s = &session;
	uint64_t seed;
	int status;

	(void)argc;
	setlocale(LC_ALL, "");
	for (int i = 1; argv[i]; i++) {
		if (!strcmp(argv[i], "--help"))
			return fputs(usage, stdout) < 0;
		if (!strcmp(argv[i], "--version"))
			return puts("shootdown " PROGRAM_VERSION) < 0;
		if (!strcmp(argv[i], "-c"))
			break;
	}
	status = wishes_read(&w, argv);
	if (status)
		return status;
	if (w.seed && !word_number((struct word){ w.seed, strlen(w.seed) }, &seed))
		return refuse("'%s' after --seed should be a number", w.seed);
	if (!session_open(s)) {
		fputs("shootdown: there is not enough memory\n", stderr);
		return 1;
	}
	the_session = s;
	check_handler_set(on_check);
	glyphs_choose(glyphs_possible() && !w.ascii);
	s->out.json = w.json;
	s->rec.wished = !w.no_record;
	s->rec.path = w.db;
	if (w.seed)
		s->set.seed = seed;
	settings_color(s, w.color);
	status = work(s, &w);
	if (ferror(stdout))
		fputs("shootdown: standard output cannot be written\n", stderr);
	conductor_close(s);
	return status;
}
