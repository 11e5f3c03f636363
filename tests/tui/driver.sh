# shellcheck shell=sh
# Drives the real program in a real terminal (tmux), for tests and for pictures. POSIX sh, sourced:
#
#	. "$(dirname "$0")/driver.sh"
#	tui_start 80 24 "$1" mremap-late-flush
#	tui_enter 'step 3'
#	tap_shows 'three steps were taken' '[3/'
#	tui_keys C-r; tui_type grö; tui_sync
#	tap_lacks 'no byte was lost' '?'
#	tui_resize 200 50
#	tui_enter quit
#	tap_is 'left well' "$(tui_exit_status)" 0
#	tap_done
#
# Rules. No test sleeps: input is ordered, so after tui_sync everything typed before it was read and
# drawn (in test mode the program answers the key ESC [9999~ by setting the title "sync N" after it
# drew, N counting from 1). What arrives without a key being typed, such as the end of a search, is
# waited for with tui_wait. A wait that lasts too long prints the screen and ends the test as failed.
#
# The terminal and the program's files live in a directory of their own with a socket of their own,
# so tests may run side by side; one session at a time in each test. It all goes away at exit. The
# environment is empty but for what tui_start names and the words NAME=VALUE in $TUI_ENV (NO_COLOR=1,
# LC_ALL=C ...). Reports of the sanitizers, which a screen would hide, fail the test at tap_done.
#
# The terminal:
#	tui_start W H PROGRAM [ARG...]	start, wait for the screen and the first sync
#	tui_launch W H PROGRAM [ARG...]	start, wait for nothing (a line mode, a program that dies)
#	tui_type TEXT			type TEXT as it is, without Enter
#	tui_keys KEY...			press keys by tmux's names: Enter, C-c, Up, PPage, M-x, Escape
#	tui_bytes HEX...		send bytes: c3 bc
#	tui_paste TEXT			paste TEXT as a terminal does, in brackets if they are on
#	tui_sync			wait until everything sent was read and drawn
#	tui_enter TEXT			type TEXT and Enter, then sync
#	tui_wait TEXT			wait until TEXT is on the screen
#	tui_resize W H			resize, wait until the program drew in the new size
#	tui_screen			print the screen's text
#	tui_screen_styled		print it with its colours and attributes, blanks kept
#	tui_show FORMAT			print a tmux format: '#{alternate_on}', '#{pane_pid}'
#	tui_exit_status			wait for the program's end, print its exit status or signal
#	tui_stop			end it all; the next tui_start begins with empty directories
#	tui_picture FILE.png		a picture of the screen (needs python3-pyte and python3-pil)
# The results, in TAP:
#	tap_is NAME GOT WANTED		equal
#	tap_shows NAME TEXT		TEXT is on the screen
#	tap_lacks NAME TEXT		TEXT is not on the screen
#	tap_same NAME FILE		the screen is FILE; with UPDATE=1 FILE is written instead
#	tap_done			print the plan, and end

tui_dir='' tui_syncs=0 tap_count=0 tap_bad_logs=''
tui_pictures=${tui_pictures-$(dirname "$0")/../screenshot.py} # what draws a picture
unset TMUX

trap tui_stop EXIT
trap 'exit 1' INT TERM HUP

tui_tmux() {
	tmux -u -S "$tui_dir/tmux-$$" -f "$tui_dir/tmux.conf" "$@" </dev/null
}

tui_launch() {
	[ -n "$tui_dir" ] && tui_stop
	tui_dir=$(mktemp -d) || exit 1
	tui_syncs=0
	mkdir "$tui_dir/home" "$tui_dir/data" "$tui_dir/config" "$tui_dir/state" "$tui_dir/cache" \
		"$tui_dir/reports"
	cat >"$tui_dir/tmux.conf" <<-'EOF'
	set -g remain-on-exit on
	set -g status off
	set -g escape-time 0
	set -g default-terminal tmux-256color
	EOF
	tui_width=$1 tui_height=$2
	shift 2
	# $TUI_ENV is a list of words.
	# shellcheck disable=SC2086
	tui_tmux new-session -d -s s -x "$tui_width" -y "$tui_height" -- \
		env -i "PATH=$PATH" "HOME=$tui_dir/home" "XDG_DATA_HOME=$tui_dir/data" \
		"XDG_CONFIG_HOME=$tui_dir/config" "XDG_STATE_HOME=$tui_dir/state" \
		"XDG_CACHE_HOME=$tui_dir/cache" INPUTRC=/dev/null TERM=tmux-256color \
		LC_ALL=C.UTF-8 TZ=UTC SHOOTDOWN_TEST=1 \
		"ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$tui_dir/reports/asan" \
		"UBSAN_OPTIONS=${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$tui_dir/reports/ubsan" \
		${TUI_ENV-} "$@" || tui_fail 'tmux did not start'
}

tui_start() {
	tui_launch "$@"
	tui_until 'taking the screen' tui_reads '#{alternate_on}' 1
	tui_sync
}

tui_type() {
	# tmux takes a trailing semicolon for its own.
	case $1 in
	*\;) tui_tmux send-keys -t s -l -- "${1%;}\\;" ;;
	*) tui_tmux send-keys -t s -l -- "$1" ;;
	esac
}

tui_keys() {
	tui_tmux send-keys -t s "$@"
}

tui_bytes() {
	tui_tmux send-keys -t s -H "$@"
}

tui_paste() {
	tui_tmux set-buffer -- "$1"
	tui_tmux paste-buffer -p -t s
}

tui_sync() {
	tui_syncs=$((tui_syncs + 1))
	tui_bytes 1b 5b 39 39 39 39 7e
	tui_until "sync $tui_syncs" tui_reads '#{pane_title}' "sync $tui_syncs"
}

tui_enter() {
	tui_type "$1"
	tui_keys Enter
	tui_sync
}

tui_wait() {
	tui_until "showing \"$1\"" tui_has "$1"
}

tui_resize() {
	tui_tmux resize-window -t s -x "$1" -y "$2"
	# tmux may put off telling the program.
	tui_until "having the size $1x$2" tui_sized "$1" "$2"
	tui_sync
}

tui_screen() {
	tui_tmux capture-pane -p -t s
}

tui_screen_styled() {
	tui_tmux capture-pane -e -p -N -t s
}

tui_show() {
	tui_tmux display-message -p -t s "$1"
}

tui_exit_status() {
	tui_until 'ending' tui_ended
	tui_show "$tui_end"
}

tui_picture() {
	tui_screen_styled >"$tui_dir/screen"
	# The four numbers are four arguments.
	# shellcheck disable=SC2046
	python3 "$tui_pictures" "$1" \
		$(tui_show '#{pane_width} #{pane_height} #{cursor_x} #{cursor_y}') <"$tui_dir/screen"
}

tui_stop() {
	[ -n "$tui_dir" ] || return 0
	tui_tmux kill-server 2>/dev/null
	for tui_report in "$tui_dir/reports"/*; do
		[ -s "$tui_report" ] && tap_bad_logs="$tap_bad_logs$(cat "$tui_report")"
	done
	rm -rf "$tui_dir"
	tui_dir=''
}

tui_reads() {
	[ "$(tui_show "$1")" = "$2" ]
}

tui_has() {
	tui_screen | grep -qF -e "$1"
}

tui_end='#{?pane_dead_signal,signal #{pane_dead_signal},#{pane_dead_status}}'

# The terminal is closed a little before the status is known, and tmux sometimes misses the signal
# that tells it: another one makes it look again.
tui_ended() {
	tui_reads '#{pane_dead}' 1 || return
	kill -s CHLD "$(tui_show '#{pid}')"
	[ -n "$(tui_show "$tui_end")" ]
}

tui_sized() {
	[ "$(stty size <"$(tui_show '#{pane_tty}')")" = "$2 $1" ]
}

# tui_until WHAT TEST ARG...: polls until TEST is true. A program that died changes nothing any more,
# so one more look is enough then.
tui_until() {
	tui_what=$1 tui_tries=0
	shift
	until "$@"; do
		tui_tries=$((tui_tries + 1))
		[ "$tui_tries" -lt 1200 ] || tui_fail "waited in vain for the program's $tui_what"
		if tui_ended && ! "$@"; then
			tui_fail "the program died before $tui_what"
		fi
		sleep 0.02
	done
}

# Ends the test: one failed line with the screen as it is, and the plan.
tui_fail() {
	tap_line 'not ok' "$1"
	tui_screen 2>/dev/null | sed 's/^/#   |/'
	tui_ended 2>/dev/null && echo "# it ended with $(tui_show "$tui_end")"
	tap_done
	exit 1
}

tap_line() {
	tap_count=$((tap_count + 1))
	printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}

tap_is() {
	if [ "$2" = "$3" ]; then
		tap_line ok "$1"
	else
		tap_line 'not ok' "$1"
		printf '%s\n' "$2" | sed 's/^/# got:    /'
		printf '%s\n' "$3" | sed 's/^/# wanted: /'
	fi
}

tap_shows() {
	if tui_has "$2"; then
		tap_line ok "$1"
	else
		tap_line 'not ok' "$1"
		echo "# not on the screen: $2"
		tui_screen | sed 's/^/#   |/'
	fi
}

tap_lacks() {
	if tui_has "$2"; then
		tap_line 'not ok' "$1"
		echo "# on the screen: $2"
		tui_screen | sed 's/^/#   |/'
	else
		tap_line ok "$1"
	fi
}

tap_same() {
	tui_screen >"$tui_dir/screen"
	if [ -n "${UPDATE-}" ]; then
		cp "$tui_dir/screen" "$2"
	fi
	if diff -u "$2" "$tui_dir/screen" >"$tui_dir/diff" 2>&1; then
		tap_line ok "$1"
	else
		tap_line 'not ok' "$1"
		sed 's/^/# /' "$tui_dir/diff"
	fi
}

tap_done() {
	tui_stop
	if [ -n "$tap_bad_logs" ]; then
		tap_line 'not ok' 'the sanitizers have nothing to say'
		printf '%s\n' "$tap_bad_logs" | sed 's/^/# /'
		tap_bad_logs=''
	fi
	echo "1..$tap_count"
}
