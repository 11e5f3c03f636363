/*
 * huge.c - 2 MiB pages: the page-table pages they hold in reserve.
 */
#include "huge.h"
#include "kernel.h"

void table_deposit(struct machine *m, unsigned pmd_table, unsigned table)
{
	struct table *t = write_table(m, pmd_table);

	CHECK(t->deposits < TABLE_DEPOSITS);
	t->deposit[t->deposits++] = (uint16_t)table;
}

bool deposit_fits(struct machine *m, unsigned pmd_table)
{
	return read_table(m, pmd_table)->deposits < TABLE_DEPOSITS;
}

unsigned table_withdraw(struct machine *m, unsigned pmd_table)
{
	struct table *t = write_table(m, pmd_table);
	unsigned table;

	if (!t->deposits)
		return NO_FRAME;
	table = t->deposit[--t->deposits];
	t->deposit[t->deposits] = 0;
	return table;
}

void deposit_move(struct machine *m, unsigned from, unsigned to)
{
	unsigned table = from == to ? NO_FRAME : table_withdraw(m, from);

	if (table != NO_FRAME)
		table_deposit(m, to, table);
}
