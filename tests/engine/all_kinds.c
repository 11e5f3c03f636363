/* all_kinds.c - see all_kinds.h */
#include "all_kinds.h"

struct machine m;
struct effects fx;
struct scenario s;

const char good[] =
	"title    a device and two CPUs\n"
	"source   none\n"
	"about    All kinds of lines,\n"
	"about    and all kinds of actions.\n"
	"machine  arch=x86 cpus=2 spec=full\n"
	"kernel   6.1\n"
	"switch   gather.nested=full\n"
	"mm       A\n"
	"mm       B unborn\n"
	"file     data 2p\n"
	"vma      A heap 0x7f0000001000 2p rw anon private\n"
	"vma      A text 0x7f0000201000 1p r data@1 shared\n"
	"touch    A heap+0 = 7\n"
	"touch    A text\n"
	"device   nic: dma-read heap+0; dma-write heap+0 = 9\n"
	"sva      sva0 for nic in A\n"
	"shadow   kvm in A\n"
	"warm     cpu1 A heap+0\n"
	"warm     nic A heap+0\n"
	"nmi      cpu1: load heap+0; load heap+1\n"
	"task     owner on cpu0 in A: madvise heap+0 1p dontneed; fork B\n"
	"task     other on cpu0 in A: guest-store heap+0 = 3 kvm\n"
	"task     reader on cpu1 in A: load heap+0; store heap+1 = 1\n"
	"task     child on cpu1 in B: load heap+0; exit\n"
	"variant  old\n"
	"variant  new notifier.hook=arch notifier.range_end=pure gather.secondary_range=full\n"
	"expect   old double-flush\n"
	"expect   new clean\n"
	"say      first this\n"
	"do       cpu0.step\n";

enum status read_text(const char *text, struct complaint *c)
{
	*c = (struct complaint){ .status = OK };
	return scenario_read(&s, "test", text, &m, &fx, c);
}

void build_good(unsigned variant)
{
	struct complaint c;

	if (read_text(good, &c) != OK)
		fail_msg("%u: %s", c.line, c.text);
	assert_int_equal(scenario_build(&s, variant, &m, &fx, &c), OK);
}
