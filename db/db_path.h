/* Where the sessions are kept when nobody says otherwise. */
#ifndef DB_PATH_H
#define DB_PATH_H

#include "db_status.h"

#include <stddef.h>

/*
 * Writes the path of the user's session file, $XDG_DATA_HOME/shootdown/sessions.db or, when that is
 * unset or not absolute, $HOME/.local/share/shootdown/sessions.db. Makes the directories that are
 * missing, readable by the user alone; does not make the file. Fails when neither variable helps or
 * a directory cannot be made.
 */
enum db_error db_path_default(char *path, size_t size, struct db_status *st);

#endif
