/*
 * test_stuck.c - a deadlock shows: in the prompt, on the status line, in `inv`, `print` and `why`.
 *
 * No scenario is known to end in one, so the machine is wedged by hand: somebody who does not run
 * holds the lock that both tasks want.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "board.h"
#include "conductor.h"
#include "paint_text.h"

static const char text[] = "machine  arch=x86 cpus=2 spec=off\n"
			   "mm       A\n"
			   "vma      A heap 0x7f0000001000 2p rw anon private\n"
			   "task     one on cpu0 in A: munmap heap+0 1p\n"
			   "task     two on cpu1 in A: munmap heap+1 1p\n";

static struct session s;
static char heard[4000];

static void hear(void *self, const char *line, bool bad_news)
{
	struct text *t = self;

	(void)bad_news;
	text_add(t, "%s\n", line);
}

/* What a command says. */
static const char *said(const char *command)
{
	static struct text t;

	t = text_over(heard, sizeof(heard));
	s.out.sink = hear;
	s.out.self = &t;
	conductor_line(&s, command);
	s.out.sink = NULL;
	return heard;
}

static int wedge(void **state)
{
	struct complaint c = { 0 };

	(void)state;
	if (!session_open(&s) || session_load_text(&s, "wedged", text, "", &c) != OK)
		return -1;
	step_begin(s.m, &s.fx);
	write_lock(s.m, LOCK_MMAP(0))->owner = MAX_TASKS - 1;
	step_end(s.m);
	return machine_stuck(s.m) ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	conductor_close(&s);
	return 0;
}

static void prompt_and_words(void **state)
{
	const struct client client = conductor_client(&s);

	(void)state;
	assert_non_null(strstr(client.prompt(&s), "BAD:deadlock] (deadlock: nobody can go on)"));
	assert_non_null(strstr(said("inv deadlock"), "false, broken at step 0"));
	assert_non_null(strstr(said("print stuck && broken(deadlock)"), "= true"));
	assert_non_null(strstr(said("print lock(mmap_lock_of_A).waiters"), "= 2"));
	assert_non_null(strstr(said("why"), "waits for"));
	assert_non_null(strstr(said("step"), "deadlock: nobody can go on"));
}

static void status_line(void **state)
{
	struct canvas *c = canvas_new(24, 80);
	const struct scene scene = session_scene(&s);
	struct board b = { 0 };
	char *drawn = NULL;
	size_t size;
	FILE *mem;

	(void)state;
	assert_non_null(c);
	board_show(&b, board_sets);
	board_draw(&b, c, &scene);
	mem = open_memstream(&drawn, &size);
	assert_non_null(mem);
	paint_plain(mem, c);
	fclose(mem);
	assert_non_null(strstr(drawn, "! deadlock"));
	free(drawn);
	canvas_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(prompt_and_words, wedge, leave),
		cmocka_unit_test_setup_teardown(status_line, wedge, leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
