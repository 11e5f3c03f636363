/*
 * ahead.c - does what lies ahead of a place tell apart who else is alike?
 *
 * Most steps do not, and those that do come early: an interrupt to several is sent by ascending number, but what the
 * targets do then, in whatever order, they do alike.  So states are taken for each other's images from where no such step
 * can come any more.  Where steps lead is learnt, as for futures; when that turns out to have been too little, the search is
 * done again.
 */
#include "place.h"

void place_tells(struct places *p, uint32_t place)
{
	if (p->place[place].tells)
		return;
	p->place[place].tells = true;
	p->ways++;
}

/* Is one of the places that this one leads to such that a teller is ahead of it? */
static bool leads_there(const struct places *p, const struct place *at)
{
	for (uint32_t e = at->edge; e; e = p->edge[e].next)
		if (p->place[p->edge[e].to].ahead)
			return true;
	return false;
}

/* Brings `ahead` up to date.  It only ever grows, and places are mostly found in the order in which they are come to. */
static void look_ahead(struct places *p)
{
	bool more = true;

	if (p->walked == p->ways)
		return;
	p->walked = p->ways;
	while (more) {
		more = false;
		for (uint32_t i = p->places; i--;) {
			struct place *at = &p->place[i];

			if (at->ahead || (!at->tells && !leads_there(p, at)))
				continue;
			at->ahead = more = true;
			p->deceived |= at->relied;
		}
	}
}

bool nobody_tells(struct places *p, const struct stands *stands)
{
	look_ahead(p);
	if (p->lost)
		return false;
	for (unsigned a = 0; a < p->actors; a++)
		if (p->place[stands->place[a]].ahead)
			return false;
	for (unsigned a = 0; a < p->actors; a++)
		p->place[stands->place[a]].relied = true;
	p->trusted = true;
	return true;
}

bool places_deceived(struct places *p)
{
	bool was;

	look_ahead(p);
	/* Where ways could not be kept, a teller may be ahead unseen. */
	was = p->deceived || (p->lost && p->trusted);
	p->deceived = p->trusted = false;
	if (was)
		for (uint32_t i = 0; i < p->places; i++)
			p->place[i].relied = false;
	return was;
}
