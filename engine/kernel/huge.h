/*
 * huge.h - the page-table page that every 2 MiB page of anonymous memory has in reserve, so that a split needs no memory.
 */
#ifndef HUGE_H
#define HUGE_H

#include "world.h"

/* pgtable_trans_huge_deposit, _withdraw: the PMD table keeps them; NO_FRAME when it has none (2 MiB pages of set-up lines). */
void table_deposit(struct machine *m, unsigned pmd_table, unsigned table);
unsigned table_withdraw(struct machine *m, unsigned pmd_table);
/* Has the PMD table room for one more? */
bool deposit_fits(struct machine *m, unsigned pmd_table);
/* Stores a PMD entry, for which there is room, and reports it. */
void pmd_write(struct machine *m, unsigned mm, unsigned pmd_table, uint64_t va, uint64_t pmd);
/* A 2 MiB page moves from one PMD table to another, and its reserve with it. */
void deposit_move(struct machine *m, unsigned from, unsigned to);

#endif
