#!/bin/sh
# The real program with panes, in a real terminal: what is typed, shown, kept, and how it ends.
# Usage: test_terminal.sh SHOOTDOWN DRIVER
. "$2"
name=mremap-late-flush

tui_start 80 24 "$1"
tap_shows 'the default scenario is open' "$name (buggy)"
tap_shows 'the prompt says where and what comes next' '[0/0 ok] (s: cpu0'
tui_enter ''
tap_shows 'Enter takes the default step' '[1/1 ok]'
tui_enter 'step 3; back 2'
tap_shows 'commands are joined' '[2/4 ok]'
tap_shows 'the session is recorded' 'REC 1'
tui_enter 'teapot'
tap_shows 'a bad command is one sentence on the screen' "'teapot' is no command"
tap_shows 'and changes nothing' '[2/4 ok]'
tui_keys F5
tui_sync
tap_shows 'F5 steps' '[3/4 ok]'
tui_keys F7
tui_sync
tap_shows 'F7 goes back' '[2/4 ok]'
tui_type 'break move_p'
tui_keys Tab
tui_sync
tap_shows 'Tab completes a routine' 'break move_ptes'
tui_keys C-c
tui_sync
tui_enter 'explore'
tui_wait 'BAD:stale-leaf'
tap_shows 'explore lands at the bad state' 'this is its end, @bad'
tap_shows 'and what is wrong there stays in sight' 'freed'
tui_enter 'why'
tap_shows 'why explains it' 'was cached before the first'
tui_enter 'help'
tap_shows 'long answers stand in a box' 'Moving:'
tui_keys PPage NPage NPage NPage
tui_sync
tap_lacks 'which scrolls' 'Moving:'
tui_resize 200 50
tap_shows 'after a resize everything is there' 'BAD:stale-leaf'
tui_enter 'twin'
tap_shows 'where there is room twins stand side by side' 'step  fixed'
tui_enter 'set layout memory'
tap_shows 'another set of panes' 'Frames'
tui_enter 'load shootdown-tutorial; play'
tap_shows 'the story is told' '-- '
tap_shows 'Enter would go on with it' 'play: the next beat'
tui_enter 'load no-such-scenario'
tap_shows 'a scenario that is not there leaves this one' 'shootdown-tutorial'
tui_type quit
tui_keys Enter
tap_is 'it ends well' "$(tui_exit_status)" 0

tui_launch 80 24 "$1" --plain "$name"
tui_wait "[0/0 $name:buggy ok] (s: cpu0"
tui_type 'step 2'
tui_keys Enter
tui_wait "[2/2 $name:buggy ok]"
tui_keys Enter
tui_wait "[3/3 $name:buggy ok]"
tap_shows 'lines instead of panes' '3  cpu0.step'
tui_keys C-d
tap_is 'the end of input ends it' "$(tui_exit_status)" 0
tap_done
