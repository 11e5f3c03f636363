/*
 * The one user of curses. Rule: bytes are read (not wide characters, which curses loses when one
 * arrives in two pieces), the whole canvas is painted every time, and the order of the calls in
 * terminal_open() is the order in which they are known to work.
 */
#include "paint_curses.h"

#include <curses.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#undef lines	/* term.h takes such words for itself */

enum {
	CODE_PASTE_BEGIN = 0x2000, CODE_PASTE_END, CODE_SYNC,
	PASTE_MAX = 64 * 1024
};

static struct {
	SCREEN *screen;
	WINDOW *in;		/* a pad: reading from it never refreshes the screen */
	struct termios tty;	/* as found */
	bool color;
	enum theme theme;
	bool brackets;		/* bracketed paste is on */
	char part[8];		/* a character that has not arrived completely */
	int part_size;
	bool pasting;
	char *paste;
	size_t paste_size;
	bool paste_cut;
	int syncs_read, syncs_said;
} term;

/* --- leaving in a hurry ----------------------------------------------------------------------- */

static const int deadly[] = { SIGHUP, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM };

static struct termios tty_at_crash;

static void tty_write(const char *text)
{
	size_t size = strlen(text);

	while (size) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			text += n;
			size -= (size_t)n;
		}
	}
}

/* Async-signal-safe: no curses. SA_RESETHAND makes the second raise deadly. */
static void crash(int sig)
{
	static const char undo[] = "\033[?2004l\033[?1000l\033[?1002l\033[?1006l\033[0m\033[?25h"
				   "\033[?1049l";
	int saved = errno;

	if (write(STDOUT_FILENO, undo, sizeof(undo) - 1) < 0)
		errno = saved;
	tcsetattr(STDIN_FILENO, TCSANOW, &tty_at_crash);
	raise(sig);
}

static void crash_handlers(bool install)
{
	struct sigaction action = { .sa_handler = install ? crash : SIG_DFL,
				    .sa_flags = install ? (int)(SA_RESETHAND | SA_NODEFER) : 0 };

	tty_at_crash = term.tty;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
}

/* --- opening and closing -------------------------------------------------------------------- */

bool terminal_usable(void)
{
	const char *cup;
	int found;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (setupterm(NULL, STDOUT_FILENO, &found) != OK)
		return false;
	cup = tigetstr("cup");
	found = cup && cup != (const char *)-1;
	del_curterm(cur_term);
	return found;
}

static void brackets_set(bool on)
{
	if (term.brackets)
		tty_write(on ? "\033[?2004h" : "\033[?2004l");
}

static void tty_modes(void)
{
	struct termios tty;

	cbreak();
	noecho();
	nonl();
	meta(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	if (!tcgetattr(STDIN_FILENO, &tty)) {
		/* Frees ^S ^Q ^V ^O for readline. */
		tty.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
		tty.c_lflag &= ~(tcflag_t)IEXTEN;
		tcsetattr(STDIN_FILENO, TCSANOW, &tty);
	}
	def_prog_mode();
}

static void colors_open(void)
{
	start_color();
	use_default_colors();
	for (short color = 0; color < 8; color++)
		init_pair((short)(color + 1), color, -1);
}

const char *terminal_open(const struct terminal_options *options)
{
	/* Exported sizes, often stale, would beat the terminal's real one for ever. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	if (!terminal_usable())
		return "standard input and output are not a terminal that can place its cursor";
	memset(&term, 0, sizeof(term));
	term.paste = malloc(PASTE_MAX + 1);
	if (!term.paste)
		return "out of memory for the terminal";
	tcgetattr(STDIN_FILENO, &term.tty);
	crash_handlers(true);
	if (!getenv("ESCDELAY"))
		set_escdelay(50);
	term.screen = newterm(NULL, stdout, stdin);
	term.in = term.screen ? newpad(1, 1) : NULL;
	if (!term.in) {
		terminal_close();
		return "the terminal cannot be opened";
	}
	tty_modes();
	if (has_colors())
		colors_open();
	terminal_colors(options->theme, options->color);
	define_key("\033[200~", CODE_PASTE_BEGIN);
	define_key("\033[201~", CODE_PASTE_END);
	if (options->test)
		define_key("\033[9999~", CODE_SYNC);
	mouseinterval(0);
	terminal_mouse(options->mouse);
	term.brackets = key_mouse != NULL;
	brackets_set(true);
	keypad(term.in, TRUE);
	nodelay(term.in, TRUE);
	return NULL;
}

void terminal_close(void)
{
	if (term.screen) {
		brackets_set(false);
		if (term.in)
			delwin(term.in);
		endwin();
		delscreen(term.screen);
	}
	if (term.paste)
		crash_handlers(false);
	free(term.paste);
	memset(&term, 0, sizeof(term));
}

void terminal_size(int *rows, int *cols)
{
	getmaxyx(stdscr, *rows, *cols);
}

bool terminal_mouse(bool on)
{
	mmask_t wanted = BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED;

	return mousemask(on ? wanted : 0, NULL) != 0;
}

void terminal_colors(enum theme theme, enum color_wish wish)
{
	term.theme = theme;
	term.color = has_colors() && color_wanted(wish, true);
}

void terminal_stop(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL }, old;

	def_prog_mode();
	brackets_set(false);
	endwin();
	sigemptyset(&action.sa_mask);
	sigaction(SIGTSTP, &action, &old);
	raise(SIGTSTP);
	sigaction(SIGTSTP, &old, NULL);
	reset_prog_mode();
	brackets_set(true);
	terminal_repaint();
}

/* --- painting ------------------------------------------------------------------------------- */

static attr_t face_attr(struct face face)
{
	return (face.flags & FACE_BOLD ? A_BOLD : 0) | (face.flags & FACE_DIM ? A_DIM : 0) |
	       (face.flags & FACE_REVERSE ? A_REVERSE : 0) |
	       (face.flags & FACE_UNDERLINE ? A_UNDERLINE : 0);
}

void terminal_paint(const struct canvas *c, int row, int col)
{
	werase(stdscr);
	for (int y = 0; y < c->rows; y++)
		for (int x = 0; x < c->cols; x++) {
			const struct cell *cell = canvas_cell(c, y, x);
			struct face face = style_face(term.theme, (enum style)cell->style);
			wchar_t text[3] = { cell->glyph, cell->mark, 0 };
			short pair = term.color ? (short)(face.color + 1) : 0;
			cchar_t glyph_cell;

			if (!cell->glyph || (cell->glyph == L' ' && cell->style == STYLE_PLAIN))
				continue;
			setcchar(&glyph_cell, text, face_attr(face), pair, NULL);
			mvadd_wch(y, x, &glyph_cell);
		}
	wmove(stdscr, row, col);
	wnoutrefresh(stdscr);
	doupdate();
}

void terminal_repaint(void)
{
	clearok(curscr, TRUE);
}

void terminal_sync(void)
{
	char title[48];

	if (term.syncs_said == term.syncs_read)
		return;
	term.syncs_said = term.syncs_read;
	snprintf(title, sizeof(title), "\033]2;sync %d\033\\", term.syncs_said);
	tty_write(title);
}

/* --- reading -------------------------------------------------------------------------------- */

static const struct {
	int code;
	enum input_key key;
} key_codes[] = {
	{ KEY_UP, TERM_UP }, { KEY_DOWN, TERM_DOWN }, { KEY_LEFT, TERM_LEFT },
	{ KEY_RIGHT, TERM_RIGHT }, { KEY_HOME, TERM_HOME }, { KEY_END, TERM_END },
	{ KEY_IC, TERM_INSERT }, { KEY_DC, TERM_DELETE }, { KEY_BACKSPACE, TERM_BACKSPACE },
	{ KEY_ENTER, TERM_ENTER }, { KEY_PPAGE, TERM_PAGE_UP }, { KEY_NPAGE, TERM_PAGE_DOWN },
	{ KEY_BTAB, TERM_BACKTAB },
};

/* Keys with modifiers have names in the terminal's description, but no codes of their own. */
static const struct {
	const char *name;
	enum input_key key;
} key_names[] = {
	{ "kLFT5", TERM_WORD_LEFT }, { "kRIT5", TERM_WORD_RIGHT },
	{ "kUP3", TERM_ALT_UP }, { "kDN3", TERM_ALT_DOWN },
};

static enum input_key key_decode(int code)
{
	const char *name = keyname(code);

	for (size_t i = 0; i < sizeof(key_codes) / sizeof(key_codes[0]); i++)
		if (key_codes[i].code == code)
			return key_codes[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return (enum input_key)(TERM_F1 + (code - KEY_F(1)));
	for (size_t i = 0; name && i < sizeof(key_names) / sizeof(key_names[0]); i++)
		if (!strcmp(key_names[i].name, name))
			return key_names[i].key;
	return TERM_KEYS;
}

static struct input mouse_read(void)
{
	struct input in = { .kind = INPUT_NONE };
	MEVENT event;

	if (getmouse(&event) != OK)
		return in;
	in.row = event.y;
	in.col = event.x;
	if (event.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
		in.kind = INPUT_WHEEL;
		in.lines = event.bstate & BUTTON4_PRESSED ? -3 : 3;
	} else if (event.bstate & BUTTON1_PRESSED) {
		in.kind = INPUT_CLICK;
	}
	return in;
}

static struct input escape_read(void)
{
	struct input in = { .kind = INPUT_ESCAPE };
	int next = wgetch(term.in);

	if (next == ERR)
		return in;
	if (next > 0xff || next == 27) {
		ungetch(next);
		return in;
	}
	in.kind = INPUT_ALT;
	in.bytes[0] = (char)next;
	in.size = 1;
	return in;
}

/* Add a byte to the character being assembled; INPUT_TEXT when it is complete. */
static struct input byte_read(int byte)
{
	struct input in = { .kind = INPUT_NONE };

	term.part[term.part_size++] = (char)byte;
	while (term.part_size) {
		mbstate_t state = { 0 };
		wchar_t wide;
		size_t n = mbrtowc(&wide, term.part, (size_t)term.part_size, &state);

		if (n == (size_t)-2 && term.part_size < 6)
			return in;
		if (n != (size_t)-1 && n != (size_t)-2) {
			in.kind = INPUT_TEXT;
			in.size = term.part_size;
			memcpy(in.bytes, term.part, (size_t)in.size);
			term.part_size = 0;
			return in;
		}
		/* Invalid: only its last byte may begin another character. */
		if (term.part_size > 1)
			term.part[0] = term.part[term.part_size - 1];
		term.part_size = term.part_size > 1;
	}
	return in;
}

/* Bytes that must not get into a line become '?'; line ends become '\n'. */
static struct input paste_end(void)
{
	struct input in = { .kind = INPUT_PASTE, .paste = term.paste, .cut = term.paste_cut };
	size_t at = 0, put = 0;

	while (at < term.paste_size) {
		struct glyph_read g = glyph_read(term.paste + at, term.paste_size - at);
		char c = term.paste[at];
		bool fine = !g.control && (g.bytes > 1 || g.glyph != L'?' || c == '?');

		if (fine)
			memmove(term.paste + put, term.paste + at, (size_t)g.bytes);
		else
			term.paste[put] = c == '\r' || c == '\n' ? '\n' : c == '\t' ? ' ' : '?';
		put += fine ? (size_t)g.bytes : 1;
		at += (size_t)g.bytes;
	}
	term.paste[put] = 0;
	term.pasting = false;
	return in;
}

static void paste_begin(void)
{
	term.pasting = true;
	term.paste_size = 0;
	term.paste_cut = false;
}

static void paste_byte(int code)
{
	if (code > 0xff)
		return;
	if (term.paste_size < PASTE_MAX)
		term.paste[term.paste_size++] = (char)code;
	else
		term.paste_cut = true;
}

void terminal_paste_drop(void)
{
	term.pasting = false;
}

struct input terminal_read(void)
{
	struct input in = { .kind = INPUT_NONE };

	while (in.kind == INPUT_NONE) {
		int code = wgetch(term.in);

		if (code == ERR)
			break;
		if (code == KEY_RESIZE) {
			in.kind = INPUT_RESIZE;
		} else if (code == CODE_SYNC) {
			term.syncs_read++;
			in.kind = INPUT_SYNC;
		} else if (code == CODE_PASTE_BEGIN) {
			paste_begin();
		} else if (code == CODE_PASTE_END) {
			if (term.pasting)
				in = paste_end();
		} else if (term.pasting) {
			paste_byte(code);
		} else if (code == KEY_MOUSE) {
			in = mouse_read();
		} else if (code == 27) {
			in = escape_read();
		} else if (code > 0xff) {
			in.key = key_decode(code);
			if (in.key != TERM_KEYS)
				in.kind = INPUT_KEY;
		} else {
			in = byte_read(code);
		}
	}
	return in;
}
