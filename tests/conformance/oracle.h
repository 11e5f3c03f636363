/*
 * oracle.h - what the parts of kern-oracle share: the arena, the mailbox of each process, who does what.
 */
#ifndef ORACLE_H
#define ORACLE_H

#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define PG     4096UL
#define NPG    16                       /* pages in the arena */
#define BASE   0x100000000000UL         /* arena start, 2 MiB aligned */
#define NPROC  4                        /* processes A..D */
#define NFILE  2                        /* memfds f0, f1 */
static const int file_pages[NFILE] = { 8, 4 };

enum { K_NONE, K_MMAP, K_MUNMAP, K_MPROTECT, K_MREMAP, K_MADVISE, K_MSYNC, K_MINCORE,
       K_MLOCK, K_MUNLOCK, K_READ, K_WRITE, K_FORK, K_EXIT, K_TRUNC, K_PREAD, K_PWRITE,
       K_PIN, K_UNPIN, K_DMA, K_TREAD, K_TWRITE };

struct slot {                           /* mailbox of one process */
    sem_t go, done;
    int op, fd, flags, prot, adv;
    uint64_t addr, len, nlen, dst, off;
    int val;
    long ret; int err, sig, code;
    unsigned char vec[NPG + 1];
    pid_t pid;
    _Atomic int tcmd;                   /* to the helper thread (-t) */
    _Atomic int tdone;
    pid_t ttid;
};

extern struct slot *slots;
extern int fds[NFILE], rofds[NFILE];
extern int tmode;                       /* -t */

/* oracle_worker.c: a process that does what its slot says, for ever. */
void worker(int idx);

/* oracle_trace.c: the TLB flushes of process A and its helper thread, from one operation to the next. */
int tinit(void);
void tend(void);
void tbegin(void);
void tread(char *out, size_t n, int only_all);

#endif
