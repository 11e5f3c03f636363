/*
 * pfnmap.c - mappings of a driver's memory: pages of which nobody counts the users.
 *
 * Models: VM_PFNMAP: vmf_insert_pfn makes an entry with no reference and no map count behind it, so that munmap has nothing to
 * hold on to, and the driver alone decides when a page goes: it takes the mappings out by unmap_mapping_range, as graphics
 * drivers do when they move a buffer, and whatever the reverse map does not show any more it takes for unmapped.
 * Omits: remap_pfn_range at the time of mmap, private mappings, VM_MIXEDMAP; the driver's own lock: that it has memory there is
 * looked up in the step that makes the entry; a fork copies no such entries, the child faults for them.
 */
#include "kernel.h"

ROUTINE(vmf_insert_pfn, "mm/memory.c")
{
	const struct vma *v;
	const struct file *f;
	unsigned index;

	BEGIN(struct vmf_insert_pfn_l)
	LOCK(LOCK_PTL(l->table), LOCK_EXCLUSIVE, "the driver's fault handler maps its page: take the page-table lock");
	STEP("the driver has memory there and there is no entry yet? install one: no reference, no map count");
	v = read_vma(r->m, l->vma);
	f = read_file(r->m, v->file);
	index = vma_file_page(v, l->va);
	if (index >= file_pages(f)) {
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_SIGBUS);
	}
	if (!table_has_room(r->m, l->table, va_index(l->va, LEVEL_PTE))) {
		lock_drop(r, LOCK_PTL(l->table));
		RETURN(RES_ENOMEM);
	}
	if (!table_read(r->m, l->table, va_index(l->va, LEVEL_PTE)))
		entry_set(r->m, l->mm, l->table, l->va, entry_make(v, f->page[index], vma_maps_writable(v), false));
	UNLOCK(LOCK_PTL(l->table), "drop the page-table lock");
	END(RES_OK)
}

/* The driver takes its memory back. */
ROUTINE(driver_revoke, "a driver")
{
	struct file *f;

	BEGIN(struct driver_revoke_l)
	STEP("the driver takes its memory back: who faults for it from now on gets SIGBUS");
	write_file(r->m, l->file)->size = 0;
	CALL(unmap_mapping_range, .file = l->file, .first = 0, .last = UINT32_MAX);
	STEP("nothing maps it any more, says the reverse map: the driver frees its pages");
	f = write_file(r->m, l->file);
	for (unsigned p = 0; p < FILE_PAGES; p++)
		if (f->page[p] != NO_FRAME) {
			frame_put(r->m, f->page[p]);
			f->page[p] = NO_FRAME;
		}
	END(RES_OK)
}
