/*
 * test_world.c - floor 1: the door, undo, digests, names and events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "history.h"
#include "pte.h"
#include "rng.h"
#include "world.h"

static struct machine m, copy;
static struct effects fx;

static void test_init(void **state)
{
	(void)state;
	world_init(&m);
	assert_int_equal(m.digest, world_digest(&m));
	world_init(&copy);
	assert_memory_equal(&m.world, &copy.world, sizeof(m.world));
	assert_int_equal(m.digest, copy.digest);
	assert_int_equal(peek_cpu(&m, 0)->cr3, NO_FRAME);
	assert_int_equal(peek_frame(&m, ZERO_PFN)->owner, FRAME_ZERO);
}

/* The directory covers the world, in order, without gaps or overlaps. */
static void test_directory(void **state)
{
	size_t at = 0;

	(void)state;
	world_init(&m);
	for (unsigned o = 0; o < OBJECTS; o++) {
		assert_int_equal(objects[o].offset, at);
		assert_int_equal(objects[o].size % 8, 0);
		at += objects[o].size;
		assert_non_null(kind_names[objects[o].kind]);
	}
	assert_int_equal(at, sizeof(struct world));
	assert_int_equal(objects[BASE_lock + 3].kind, KIND_lock);
	assert_int_equal(objects[BASE_lock + 3].index, 3);
}

static void test_door(void **state)
{
	uint64_t before;

	(void)state;
	world_init(&m);
	memcpy(&copy, &m, sizeof(m));
	before = m.digest;
	step_begin(&m, &fx);
	read_mm(&m, 1);
	write_frame(&m, 7)->value = 1;
	write_frame(&m, 7)->value = 2;
	write_lock(&m, 0)->readers = 5;
	step_end(&m);
	assert_true(fx.reads[(BASE_mm + 1) / 64] & 1ull << (BASE_mm + 1) % 64);
	assert_false(fx.writes[(BASE_mm + 1) / 64] & 1ull << (BASE_mm + 1) % 64);
	assert_true(fx.writes[(BASE_frame + 7) / 64] & 1ull << (BASE_frame + 7) % 64);
	assert_int_equal(m.digest, world_digest(&m));
	assert_true(m.digest != before);
	step_undo(&m, &fx);
	assert_int_equal(m.digest, before);
	assert_memory_equal(&m, &copy, sizeof(m));
}

/* Nothing written, nothing saved; the same bytes written again, the same digest. */
static void test_door_idle(void **state)
{
	uint64_t before;

	(void)state;
	world_init(&m);
	before = m.digest;
	step_begin(&m, &fx);
	read_cpu(&m, 0);
	step_end(&m);
	assert_int_equal(fx.undo_len, 0);
	step_begin(&m, &fx);
	write_cpu(&m, 0)->online = 0;
	step_end(&m);
	assert_true(fx.undo_len > 0);
	assert_int_equal(m.digest, before);
}

struct seen {
	unsigned count, object[8];
	uint32_t value;
};

static void saw(void *self, unsigned object, const void *old)
{
	struct seen *s = self;

	s->object[s->count++] = object;
	if (object == BASE_frame + 3)
		s->value = ((const struct frame *)old)->value;
}

static void test_undo_each(void **state)
{
	struct seen s = { 0 };

	(void)state;
	world_init(&m);
	step_begin(&m, &fx);
	write_frame(&m, 3)->value = 11;
	step_end(&m);
	step_begin(&m, &fx);
	write_frame(&m, 3)->value = 12;
	write_task(&m, 2)->used = 1;
	step_end(&m);
	undo_each(fx.undo, fx.undo_len, saw, &s);
	assert_int_equal(s.count, 2);
	assert_int_equal(s.object[0], BASE_frame + 3);
	assert_int_equal(s.object[1], BASE_task + 2);
	assert_int_equal(s.value, 11);
}

/* Random bytes through the door in random steps, then all the way back. */
static void test_digest_random(void **state)
{
	struct rng r = { 1 };
	struct effects *step = calloc(60, sizeof(*step));
	uint64_t digest[60];

	(void)state;
	assert_non_null(step);
	world_init(&m);
	memcpy(&copy, &m, sizeof(m));
	for (unsigned i = 0; i < 60; i++) {
		digest[i] = m.digest;
		step_begin(&m, &step[i]);
		for (unsigned n = rng_below(&r, 6); n; n--) {
			unsigned o = rng_below(&r, OBJECTS);
			unsigned char *at = (unsigned char *)&m.world + objects[o].offset;

			footprint_write(&m, o);
			if (facet_at((enum kind)objects[o].kind, objects[o].index))
				facets_write(&m, facet_at((enum kind)objects[o].kind, objects[o].index), FACETS_ALL);
			at[rng_below(&r, objects[o].size)] = (unsigned char)rng_next(&r);
		}
		step_end(&m);
		assert_int_equal(m.digest, world_digest(&m));
	}
	for (unsigned i = 60; i-- > 0;) {
		step_undo_bytes(&m, step[i].undo, step[i].undo_len);
		assert_int_equal(m.digest, digest[i]);
	}
	assert_memory_equal(&m, &copy, sizeof(m));
	free(step);
}

/* Equal objects in different places do not cancel out. */
static void test_digest_place(void **state)
{
	uint64_t a;

	(void)state;
	world_init(&m);
	step_begin(&m, &fx);
	write_frame(&m, 4)->value = 9;
	step_end(&m);
	a = m.digest;
	step_undo(&m, &fx);
	step_begin(&m, &fx);
	write_frame(&m, 5)->value = 9;
	step_end(&m);
	assert_true(m.digest != a);
}

static void names_make(void)
{
	world_init(&m);
	strcpy(m.names.name[NAME_MM][0], "A");
	strcpy(m.names.name[NAME_TASK][1], "victim");
	strcpy(m.names.name[NAME_DEV][0], "nic");
	strcpy(m.names.name[NAME_FILE][0], "data");
	strcpy(m.names.name[NAME_SUB][0], "kvm");
	m.names.region[0] = (struct region){ "heap", 0x7f0000001000, 3, 0 };
	m.names.regions = 1;
}

static void test_names(void **state)
{
	char buf[80];
	struct text t;

	(void)state;
	names_make();
	assert_int_equal(name_find(&m.names, NAME_TASK, (struct word){ "victim", 6 }), 1);
	assert_int_equal(name_find(&m.names, NAME_MM, (struct word){ "victim", 6 }), NONE);
	assert_int_equal(name_find(&m.names, NAME_TASK, (struct word){ "vic", 3 }), NONE);
	t = text_over(buf, sizeof(buf));
	name_text(&t, &m.names, NAME_TASK, 1);
	text_add(&t, " ");
	name_text(&t, &m.names, NAME_TASK, 3);
	text_add(&t, " ");
	name_text(&t, &m.names, NAME_MM, NONE);
	assert_string_equal(buf, "victim task3 no mm");
}

/* What is printed is read back as the same address. */
static void test_addresses(void **state)
{
	static const uint64_t vas[] = { 0x1000, 0x7f0000001000, 0x7f0000002000, 0x7f0000003000,
					0x7f0000004000 };
	char buf[80];
	uint64_t va;

	(void)state;
	names_make();
	for (size_t i = 0; i < sizeof(vas) / sizeof(vas[0]); i++) {
		struct text t = text_over(buf, sizeof(buf));

		address_brief(&t, &m.names, vas[i]);
		assert_true(address_read(&m.names, (struct word){ buf, t.len }, &va));
		assert_int_equal(va, vas[i]);
	}
	assert_string_equal(buf, "0x7f0000004000");
	assert_true(address_read(&m.names, (struct word){ "heap", 4 }, &va));
	assert_int_equal(va, 0x7f0000001000);
	assert_false(address_read(&m.names, (struct word){ "heap+", 5 }, &va));
	assert_false(address_read(&m.names, (struct word){ "heap+x", 6 }, &va));
	assert_false(address_read(&m.names, (struct word){ "heap+99999999", 13 }, &va));
	assert_false(address_read(&m.names, (struct word){ "0x", 2 }, &va));
	assert_false(address_read(&m.names, (struct word){ "77", 2 }, &va));
	assert_false(address_read(&m.names, (struct word){ "", 0 }, &va));
}

static const char *range(uint64_t start, uint64_t end)
{
	static char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	range_text(&t, &m.names, start, end);
	return buf;
}

static const char *lock(unsigned n)
{
	static char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	lock_text(&t, &m.names, n);
	return buf;
}

static void test_spelling(void **state)
{
	(void)state;
	names_make();
	assert_string_equal(range(0x7f0000001000, 0x7f0000003000), "heap+0 2p");
	assert_string_equal(range(0, FLUSH_ALL), "everything");
	assert_string_equal(range(FLUSH_ALL, FLUSH_ALL), "[~0, ~0)");
	assert_string_equal(lock(LOCK_MMAP(0)), "mmap_lock of A");
	assert_string_equal(lock(LOCK_PAGE_TABLE(0)), "page_table_lock of A");
	assert_string_equal(lock(LOCK_I_MMAP(0)), "i_mmap of data");
	assert_string_equal(lock(LOCK_PTL(5)), "ptl(pfn 5)");
	assert_string_equal(lock(LOCK_SUB(0)), "mmu_lock of kvm");
	assert_string_equal(lock(LOCK_QI), "qi lock");
}

static void test_lanes(void **state)
{
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	(void)state;
	names_make();
	lane_text(&t, &m.names, LANE_CPU(2));
	text_add(&t, " ");
	lane_text(&t, &m.names, LANE_DEV(0));
	text_add(&t, " ");
	lane_text(&t, &m.names, LANE_IOMMU);
	assert_string_equal(buf, "cpu2 nic iommu");
}

static void test_pte(void **state)
{
	char buf[80];
	struct text t = text_over(buf, sizeof(buf));

	(void)state;
	pte_text(&t, 0, LEVEL_PTE);
	text_add(&t, "|");
	pte_text(&t, pte_make(7, PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY),
		 LEVEL_PTE);
	text_add(&t, "|");
	pte_text(&t, pte_make(6, PTE_PRESENT | PTE_WRITE | PTE_USER), 3);
	text_add(&t, "|");
	pte_text(&t, pte_make(9, PTE_PRESENT | PTE_USER | PTE_HUGE), LEVEL_PMD);
	text_add(&t, "|");
	pte_text(&t, pte_make(8, PTE_WRITE), LEVEL_PTE);
	assert_string_equal(buf, "none|pfn 7 RW A D|pfn 6 table|pfn 9 RO 2M|pfn 8 RW not present");
	/* The walk of a lecture's slide. */
	assert_int_equal(va_index(0x7f7fffe00000, LEVEL_PGD), 254);
	assert_int_equal(va_index(0x7f7fffe00000, 3), 511);
	assert_int_equal(va_index(0x7f7fffe01000, LEVEL_PTE), 1);
}

/* Every kind of event gives a sentence, even from an empty record, and a short form of its own. */
static void test_events(void **state)
{
	(void)state;
	names_make();
	for (unsigned k = 0; k < EVENT_KINDS; k++) {
		const struct event e = { .kind = (uint8_t)k,
					 .va = 0x7f0000001000,
					 .x = 0x7f0000002000 };
		char buf[200], brief[200];
		struct text t = text_over(buf, sizeof(buf)), b = text_over(brief, sizeof(brief));

		event_text(&t, &m.names, &e);
		event_brief(&b, &m.names, &e);
		assert_false(t.cut || b.cut);
		assert_null(strchr(buf, '%'));
		assert_null(strchr(brief, '%'));
		assert_true(strlen(event_name((enum event_kind)k)) > 0);
		if (k != EV_STEP)
			assert_true(t.len > 0);
	}
	assert_string_equal(result_name(RES_SIGSEGV), "SIGSEGV");
	assert_string_equal(result_name(99), "?");
}

static void test_events_bound(void **state)
{
	(void)state;
	world_init(&m);
	step_begin(&m, &fx);
	m.lane = 3;
	for (unsigned i = 0; i < 2 * MAX_EVENTS; i++)
		event_add(&m, (struct event){ .kind = EV_MISS, .va = i });
	assert_int_equal(fx.events, MAX_EVENTS);
	assert_int_equal(fx.event[1].va, 1);
	assert_int_equal(fx.event[0].lane, 3);
	m.quiet = true;
	step_end(&m);
	step_begin(&m, &fx);
	event_add(&m, (struct event){ .kind = EV_MISS });
	assert_int_equal(fx.events, 0);
	step_end(&m);
}

/* Every switch has a name, two values at least, and every kernel sets switches to values they have. */
static void test_switches(void **state)
{
	uint8_t value[SWITCH_COUNT];

	(void)state;
	for (unsigned s = 0; s < SWITCH_COUNT; s++) {
		assert_non_null(switch_table[s].name);
		assert_non_null(switch_table[s].value[0]);
		assert_non_null(switch_table[s].value[1]);
		assert_non_null(switch_table[s].note);
	}
	for (unsigned i = 0; i < history_rows; i++) {
		assert_non_null(switch_table[history[i].id].value[history[i].before]);
		assert_true(*history[i].commit);
		/* From new to old, and a change is one: the release has another value. */
		assert_true(i == 0 || history[i].release <= history[i - 1].release);
		history_values(history[i].release, value);
		assert_int_not_equal(value[history[i].id], history[i].before);
		history_values(history[i].release - 1u, value);
		assert_int_equal(value[history[i].id], history[i].before);
	}
	history_values(RELEASE_LATEST, value);
	for (unsigned s = 0; s < SWITCH_COUNT; s++)
		assert_int_equal(value[s], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_init),	     cmocka_unit_test(test_directory),
		cmocka_unit_test(test_door),	     cmocka_unit_test(test_door_idle),
		cmocka_unit_test(test_undo_each),    cmocka_unit_test(test_digest_random),
		cmocka_unit_test(test_digest_place), cmocka_unit_test(test_names),
		cmocka_unit_test(test_addresses),    cmocka_unit_test(test_spelling),
		cmocka_unit_test(test_lanes),	     cmocka_unit_test(test_pte),
		cmocka_unit_test(test_events),	     cmocka_unit_test(test_events_bound),
		cmocka_unit_test(test_switches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
