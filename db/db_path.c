/* The default path, by the XDG base directory rules. */
#include "db_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Makes every directory above the last slash of path. */
static enum db_error directories_make(char *path, struct db_status *st)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0700) && errno != EEXIST ? errno : 0;
		if (failed) {
			/* EROFS and EACCES also come for one that exists */
			struct stat sb;

			if (!stat(path, &sb) && S_ISDIR(sb.st_mode))
				failed = 0;
		}
		if (failed)
			return db_fail(st,
				       failed == EACCES || failed == EROFS ? DB_READONLY : DB_IO,
				       "%.300s cannot be made (%s): set XDG_DATA_HOME to a "
				       "directory you can write",
				       path, strerror(failed));
		*slash = '/';
	}
	return db_ok(st);
}

enum db_error db_path_default(char *path, size_t size, struct db_status *st)
{
	const char *base = getenv("XDG_DATA_HOME");
	const char *below = "";
	int n;

	if (!base || base[0] != '/') {
		base = getenv("HOME");
		below = "/.local/share";
	}
	if (!base || base[0] != '/')
		return db_fail(
			st, DB_MISSING,
			"no place for sessions: set HOME or XDG_DATA_HOME to an absolute path");
	n = snprintf(path, size, "%s%s/shootdown/sessions.db", base, below);
	if (n < 0 || (size_t)n >= size)
		return db_fail(st, DB_LIMIT,
			       "%.300s... is too long a path: set XDG_DATA_HOME to a shorter one",
			       base);
	return directories_make(path, st);
}
