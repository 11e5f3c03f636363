/*
 * bounds.h - how large a search may be, in states, to be in a test that goes over the whole library.
 *
 * The library grows, and each of these tests searches each of its variants many times over, under sanitizers; so what is
 * larger is left out, and the test says what that was (library_left_out).  A mechanism that breaks on large machines alone is
 * for test_reduce_random, whose machines are as large as one likes.
 */
#ifndef BOUNDS_H
#define BOUNDS_H

#define MOST_ORDERS	20000u	/* twelve searches of each */
#define MOST_THREADS	30000u	/* eight, and two threads of a sanitizer */
#define MOST_REDUCED	5000u	/* seventeen, and as often for each way of speculation */
#define MOST_NAIVE	1000u	/* each state is a copy of the world */
#define MOST_SHARED	10000u	/* four, depth first */
#define MOST_OUTCOMES	20000u	/* three, one of them a walk with undo */
#define MOST_MINIMISED	10000u	/* one, and a thousand walks or more, to find a way that can be made shorter */
#define MOST_WHIMS	25000u	/* the same with all whims of the hardware */

#endif
