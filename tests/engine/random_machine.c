/*
 * random_machine.c - drawing a scenario, line by line.
 */
#include "profile.h"
#include "random_machine.h"

static unsigned pick(struct maker *k, unsigned n)
{
	return rng_below(&k->r, n);
}

static const char *page(struct maker *k, bool mapped)
{
	static const char *const pages[] = { "heap+0", "heap+1", "view+0", "view+1",
					     "0x7f0000600000" };

	if (k->big && !pick(k, 3))
		return mapped || pick(k, 2) ? "big+0" : "big+1";
	/* Few machines are wrong where everybody is somewhere else. */
	if (k->size.close && pick(k, 4))
		return pages[0];
	if (!k->file)
		return pages[mapped || pick(k, 3) ? pick(k, 2) : 4];
	return pages[pick(k, mapped ? 4 : 5)];
}

static const char *one_of(struct maker *k, const char *const *words, unsigned n)
{
	return words[pick(k, n)];
}

/* Raw instructions that leave the entries to the kernel. */
static void raw(struct maker *k, const char *at)
{
	static const char *const before[] = { "ld r1 ", "st ", "inv ", "shoot ", "ldpte r2 " };
	unsigned kind = pick(k, 5);

	text_add(&k->t, "%s%s%s", before[kind], at, kind == 1 ? " 8" : "");
}

/* Close together, the first task changes what is mapped, and the others use it, most of the time. */
static unsigned operation_kind(struct maker *k, bool first)
{
	if (!k->size.close || !pick(k, 3))
		return pick(k, 14);
	return first ? pick(k, 4) : 5 + pick(k, 9);
}

static void operation(struct maker *k, bool first, bool child)
{
	static const char *const rights[] = { "r", "rw", "none" };
	static const char *const places[] = { "0x7f0000600000", "0x7f0000800000",
					      "0x7e0000009000" };
	struct text *t = &k->t;

	switch (operation_kind(k, first)) {
	case 0:
		text_add(t, "munmap %s 1p", page(k, false));
		break;
	case 1:
		text_add(t, "madvise %s 1p dontneed", page(k, false));
		break;
	case 2:
		text_add(t, "mprotect %s 1p %s", page(k, false), one_of(k, rights, 3));
		break;
	case 3:
		text_add(t, "mremap %s 1p to %s", page(k, false), one_of(k, places, 3));
		break;
	case 4:
		text_add(t, "mmap 0x7f0000600000 1p rw anon private");
		break;
	case 5:
	case 6:
		text_add(t, "load %s", page(k, false));
		break;
	case 7:
		if (k->file)
			text_add(t, "truncate data %up", pick(k, 3));
		else
			text_add(t, "load %s", page(k, false));
		break;
	case 8:
		if (k->shadow && !child)
			text_add(t, pick(k, 3) ? "guest-load %s kvm" : "guest-store %s = 3 kvm",
				 page(k, false));
		else
			text_add(t, "store %s = 2", page(k, false));
		break;
	case 9:
		if (k->shadow && !child)
			text_add(t, pick(k, 2) ? "register kvm" : "unregister kvm");
		else if (k->sva && !child)
			text_add(t, pick(k, 2) ? "bind sva0" : "unbind sva0");
		else
			text_add(t, "store %s = 4", page(k, false));
		break;
	case 10:
		raw(k, page(k, false));
		break;
	case 12:
		text_add(t, "numa %s 1p", page(k, false));
		break;
	case 11:
		text_add(t, k->big && pick(k, 2) ? "collapse big+0" : "gup-fast %s", page(k, false));
		break;
	default:
		text_add(t, "store %s = %u", page(k, false), pick(k, 9));
		break;
	}
}

static void operations(struct maker *k, unsigned n, bool child)
{
	struct text *t = &k->t;

	if (k->child && n == 0)
		text_add(t, "fork B; ");
	for (unsigned ops = 1 + pick(k, k->size.operations); ops; ops--) {
		operation(k, n == 0, child);
		text_add(t, "%s", ops > 1 ? "; " : "");
	}
	text_add(t, "%s\n", pick(k, 4) ? "" : "; exit");
}

static void task(struct maker *k, unsigned n, unsigned cpus)
{
	unsigned cpu = k->size.close && pick(k, 4) ? n % cpus : pick(k, cpus);
	/* Two that do the same: what differs in who is who alone, or not quite. */
	bool twin = k->size.close && n && !k->child && !pick(k, 3);
	bool child = k->child && n > 0 && pick(k, 2);

	text_add(&k->t, "task t%u on cpu%u in %s: ", n, cpu, child ? "B" : "A");
	if (twin) {
		text_add(&k->t, "%.*s", (int)k->work_len, k->text + k->work);
		return;
	}
	k->work = k->t.len;
	operations(k, n, child);
	k->work_len = k->t.len - k->work;
}

static unsigned switch_values(const struct switch_info *info)
{
	unsigned n = 2;

	while (n < SWITCH_VALUES && info->value[n])
		n++;
	return n;
}

/* Switches of the kernel, most of them as they are: each old value is a bug, or a way that was left.  Full caches. */
static void troubles(struct maker *k, unsigned cpus)
{
	for (unsigned i = 0; i < SWITCH_COUNT; i++) {
		const struct switch_info *info = &switch_table[i];

		if (!pick(k, 4))
			text_add(&k->t, "switch %s=%s\n", info->name, info->value[pick(k, switch_values(info))]);
	}
	for (unsigned cpu = 0; cpu < cpus; cpu++)
		if (pick(k, 2))
			text_add(&k->t, "warm cpu%u A heap+0\n", cpu);
}

/* ---- machines in which many do the same ---- */

/* A few operations that are short enough for several to do them at once. */
static void short_operation(struct maker *k)
{
	static const char *const operations[] = {
		"load heap+0", "store heap+0 = 2", "madvise heap+0 1p dontneed", "munmap heap+0 1p", "mprotect heap+0 1p r",
		"load heap+1", "store heap+1 = 2", "madvise heap+0 2p dontneed", "ld r1 heap+0", "st heap+0 8", "inv heap+0",
		"shoot heap+0", "ldpte r2 heap+0", "gup-fast heap+0", "numa heap+0 1p",
	};
	bool raw = k->file;
	unsigned n = pick(k, 3) ? pick(k, raw ? 4 : 5) : pick(k, sizeof(operations) / sizeof(operations[0]));

	text_add(&k->t, "%s", operations[raw && pick(k, 2) ? 8 + pick(k, 5) : n]);
}

static void alike_task(struct maker *k, unsigned n, unsigned cpus)
{
	unsigned cpu = pick(k, 4) ? n % cpus : pick(k, cpus);

	text_add(&k->t, "task t%u on cpu%u in %s: ", n, cpu, k->child && n % 2 ? "B" : "A");
	if (n && (k->child ? n > 1 : pick(k, 4))) {
		text_add(&k->t, "%.*s", (int)k->work_len, k->text + k->work);
		return;
	}
	k->work = k->t.len;
	if (k->child && n == 0)
		text_add(&k->t, "fork B; ");
	for (unsigned ops = 1 + pick(k, k->size.operations); ops; ops--) {
		short_operation(k);
		text_add(&k->t, ops > 1 ? "; " : "\n");
	}
	if (!k->child || n)
		k->work_len = k->t.len - k->work;
}

static void make_alike(struct maker *k)
{
	static const char *const archs[] = { "x86", "x86", "x86", "x86-invlpgb", "arm64" };
	static const char *const specs[] = { "off", "off", "fill", "full", "whole", "saturate" };
	static const char *const protocols[] = { "linux", "linux", "mach", "latr" };
	unsigned cpus = 2 + pick(k, 3), arch = pick(k, 5), tasks;
	struct text *t = &k->t;

	k->file = !pick(k, 4);
	k->child = !pick(k, 5);
	text_add(t, "machine arch=%s cpus=%u spec=%s%s%s\nmm A\n%s", archs[arch], cpus, one_of(k, specs, 6),
		 arch < 3 && pick(k, 2) ? " pcid=on" : "", arch == 3 && pick(k, 2) ? " global-asid=1" : "",
		 k->child ? "mm B unborn\n" : "");
	text_add(t, "vma A heap 0x7f0000001000 2p rw anon private\ntouch A heap+0 = 7\n%s", pick(k, 2) ? "touch A heap+1\n" : "");
	text_add(t, "switch raw.shoot=%s\n", pick(k, 2) ? "ipi" : "at-once");
	if (arch < 3)
		text_add(t, "switch shootdown.protocol=%s\n", one_of(k, protocols, 4));
	for (unsigned i = 0; i < SWITCH_COUNT; i++) {
		const struct switch_info *info = &switch_table[i];

		if (i != SW_PROTOCOL && !pick(k, 6))
			text_add(t, "switch %s=%s\n", info->name, info->value[pick(k, switch_values(info))]);
	}
	if (!pick(k, 8))
		text_add(t, "switch flush.targets=self\n");
	for (unsigned cpu = 0, all = pick(k, 3); cpu < cpus; cpu++)
		if (all ? all > 1 : pick(k, 2))
			text_add(t, "warm cpu%u A heap+0\n", cpu);
	tasks = k->size.least + pick(k, k->size.tasks - k->size.least + 1);
	for (unsigned n = 0; n < tasks; n++)
		alike_task(k, n, cpus);
}

void maker_make(struct maker *k, const struct maker_size *size, unsigned seed)
{
	static const char *const spec[] = { "off", "fill", "full", "whole" };
	struct text *t = &k->t;
	unsigned cpus, tasks;

	k->size = *size;
	k->r.state = seed;
	k->t = text_over(k->text, sizeof(k->text));
	if (size->alike) {
		make_alike(k);
		return;
	}
	cpus = size->least + pick(k, 4 - size->least);
	k->file = pick(k, 3);
	k->shadow = !pick(k, 3);
	k->sva = pick(k, 2);
	k->child = !pick(k, 3);
	k->big = !pick(k, 3);
	text_add(t, "machine cpus=%u spec=%s\nmm A\n%s%s", cpus, one_of(k, spec, 4),
		 k->child ? "mm B unborn\n" : "", k->file ? "file data 2p\n" : "");
	text_add(t, "vma A heap 0x7f0000001000 2p rw anon private\ntouch A heap+0 = 7\n%s",
		 pick(k, 2) ? "touch A heap+1\n" : "");
	if (k->big)
		text_add(t, "vma A big 0x7f0000c00000 512p rw anon private\ntouch A big+0%s = 3\n", pick(k, 2) ? " huge" : "");
	if (k->file)
		text_add(t, "vma A view 0x7f0000200000 2p rw data %s\ntouch A view+0%s\n",
			 pick(k, 2) ? "shared" : "private", pick(k, 2) ? " = 5" : "");
	if (k->sva) {
		text_add(t, "device nic: ");
		for (unsigned ops = 1 + pick(k, 3); ops; ops--)
			text_add(t, pick(k, 2) ? "dma-read %s%s" : "dma-write %s = 6%s", page(k, true),
				 ops > 1 ? "; " : "\n");
		text_add(t, "sva sva0 for nic in A%s\n", pick(k, 2) ? "" : " unbound");
	}
	if (k->shadow)
		text_add(t, "shadow kvm in A%s\n", pick(k, 2) ? "" : " unbound");
	text_add(t, "switch raw.shoot=%s\n", pick(k, 2) ? "ipi" : "at-once");
	if (size->close)
		troubles(k, cpus);
	tasks = size->least + (size->close && pick(k, 3) ? 0 : pick(k, size->tasks - size->least + 1));
	for (unsigned n = 0; n < tasks; n++)
		task(k, n, cpus);
}
