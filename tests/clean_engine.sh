#!/bin/sh
# Looks at the sources alone: the engine must depend on libc only, and not on what would make it
# answer differently from one day or machine to the next; no floor may include a floor above it; and
# nothing in the tree may name a place outside of it.
# Prints one line, file:line: sentence, for each offence; exits 1 when there is any.
set -u
cd "$(dirname "$0")/.." || exit 1

# Includes and calls. Comments and strings are blanked before calls are looked for.
sources_offend() {
	find engine views db repl -name '*.[ch]' 2>/dev/null | sort >"$list"
	# The file names hold no blanks.
	# shellcheck disable=SC2046
	[ ! -s "$list" ] || awk -v list="$list" '
	function offence(text) {
		printf "%s:%d: %s\n", FILENAME, FNR, text
		bad = 1
	}

	function folder_of(path, part) {
		split(path, part, "/")
		return part[1] == "engine" ? part[1] "/" part[2] : part[1]
	}

	# The line without comments and what stands in quotes; in_comment lasts over lines.
	function code_of(line, out, i, c, two, quote) {
		for (i = 1; i <= length(line); i++) {
			c = substr(line, i, 1)
			two = substr(line, i, 2)
			if (in_comment) {
				if (two == "*/") {
					in_comment = 0
					i++
				}
			} else if (quote != "") {
				if (c == "\\")
					i++
				else if (c == quote)
					quote = ""
			} else if (two == "//") {
				break
			} else if (two == "/*") {
				in_comment = 1
				i++
			} else if (c == "\"" || c == "\047") {
				quote = c
			} else {
				out = out c
			}
		}
		return out
	}

	BEGIN {
		levels = "engine/base=0 engine/world=1 engine/hw=2 engine/rule=2 engine/kernel=3 " \
			"engine/subscriber=3 engine/machine=4 engine/explore=5 views=6 db=6 repl=7"
		n = split(levels, pair, " ")
		for (i = 1; i <= n; i++) {
			split(pair[i], half, "=")
			level[half[1]] = half[2] + 0
		}
		# What engine/ may take from libc. stdio.h is there for snprintf.
		n = split("assert ctype errno inttypes limits stdalign stdarg stdbool stddef stdint " \
			"stdio stdlib stdnoreturn string strings", name, " ")
		for (i = 1; i <= n; i++)
			libc[name[i] ".h"] = 1
		before = "(^|[^A-Za-z0-9_.>])"
		heap = "(malloc|calloc|realloc|reallocarray|free|strdup|strndup|v?asprintf)"
		output = "(v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|fopen|fdopen|fflush)"
		clock = "(time|clock|clock_gettime|gettimeofday|timespec_get|localtime|gmtime|nanosleep)"
		chance = "(s?rand|rand_r|s?random|[dlm]rand48|getrandom|getentropy|arc4random)"
		call = "[ \t]*[(]"
		while ((getline path < list) > 0) {
			n = split(path, part, "/")
			if (part[n] ~ /[.]h$/) {
				if (part[n] in home) {
					printf "%s:1: the name of this header is taken by one in %s\n", \
						path, home[part[n]]
					bad = 1
				}
				home[part[n]] = folder_of(path)
			}
		}
	}

	FNR == 1 {
		in_comment = 0
		folder = folder_of(FILENAME)
		engine = FILENAME ~ /^engine\//
		if (!(folder in level))
			offence("folder " folder " belongs to no floor")
	}

	/^[ \t]*#[ \t]*include/ {
		header = $0
		sub(/^[ \t]*#[ \t]*include[ \t]*/, "", header)
		angle = header ~ /^</
		sub(/^[<"]/, "", header)
		sub(/[>"].*/, "", header)
		if (!angle && header in home) {
			there = home[header]
			if (level[there] > level[folder])
				offence(header " belongs to " there ", a floor above " folder)
			else if (level[there] == level[folder] && there != folder && level[there] == 6)
				offence("views and db do not see each other, but this includes " header)
		} else if (!angle && header ~ /\//) {
			offence("headers are included by bare name, not as " header)
		} else if (engine && !(header in libc) &&
			   !(header == "pthread.h" && folder == "engine/explore")) {
			offence("engine/ does without " header)
		}
		next
	}

	engine {
		code = code_of($0)
		if (code ~ before heap call)
			offence("engine/ uses no heap")
		if (code ~ before output call)
			offence("engine/ prints nothing")
		if (code ~ before clock call)
			offence("engine/ has no clock")
		if (code ~ before chance call)
			offence("engine/ has no chance but its own seeded one")
	}

	END {
		exit bad
	}
	' $(cat "$list")
}

# Every file that is, or would be, tracked; without git, every file but what was built.
tree_files() {
	git ls-files --cached --others --exclude-standard 2>/dev/null ||
		find . -name .git -prune -o -name 'build*' -type d -prune -o -type f -print
}

# The patterns are written so that they do not match themselves.
places_offend() {
	tree_files | while read -r file; do
		[ -f "$file" ] && printf '%s\n' "$file"
	done | xargs -d '\n' grep -nIE \
		-e '(^|[^A-Za-z0-9_./-])/(work|root|home|Users|builds|workspace)/' \
		-e '[.][.]/shared([^A-Za-z0-9_]|$)' /dev/null |
		sed 's/$/   <- a place outside of the tree/'
}

list=$(mktemp) || exit 1
trap 'rm -f "$list"' EXIT
status=0
sources_offend || status=1
places=$(places_offend)
if [ -n "$places" ]; then
	printf '%s\n' "$places"
	status=1
fi
exit $status
