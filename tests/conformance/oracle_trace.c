/*
 * oracle_trace.c - tlb_flush events of process A and its helper thread (-t), through an instance of tracefs.
 */
#include "oracle.h"

static char tdir[128];
static void twrite_file(const char *n, const char *s)
{
    char p[256]; snprintf(p, sizeof p, "%s/%s", tdir, n);
    int f = open(p, O_WRONLY | O_TRUNC);
    if (f >= 0) { if (write(f, s, strlen(s)) < 0) {} close(f); }
}
int tinit(void)
{
    const char *r = "/sys/kernel/tracing";
    if (access("/sys/kernel/tracing/instances", F_OK)) r = "/sys/kernel/debug/tracing";
    snprintf(tdir, sizeof tdir, "%s/instances/kern-oracle", r);
    mkdir(tdir, 0700);
    if (access(tdir, F_OK)) return -1;
    twrite_file("tracing_on", "0"); twrite_file("buffer_size_kb", "256");
    twrite_file("events/tlb/tlb_flush/enable", "1");
    return 0;
}
void tend(void) { twrite_file("events/enable", "0"); rmdir(tdir); }
void tbegin(void) { twrite_file("tracing_on", "0"); twrite_file("trace", "\n"); twrite_file("tracing_on", "1"); }
void tread(char *out, size_t n, int only_all)
{
    char p[256], l[512]; int nl = 0, ns = 0;
    char L[128] = "", S[128] = "";
    twrite_file("tracing_on", "0");
    snprintf(p, sizeof p, "%s/trace", tdir);
    FILE *f = fopen(p, "r");
    while (f && fgets(l, sizeof l, f)) {
        char *q = strstr(l, "tlb_flush: pages:");
        if (!q || *l == '#') continue;
        int pid = -1; char *d = strchr(l, '[');
        if (d) { while (d > l && d[-1] == ' ') d--; char *s = d; while (s > l && isdigit((unsigned char)s[-1])) s--; pid = atoi(s); }
        if (pid != slots[0].pid && pid != slots[0].ttid) continue;
        long pages = atol(q + 17); char *r = strrchr(q, '('); int reason = r ? atoi(r + 1) : -1;
        char w[24]; snprintf(w, sizeof w, pages < 0 ? ",all" : ",%ld", pages);
        if (only_all && pages >= 0) continue;
        if (reason == 3) { strncat(L, w, sizeof L - strlen(L) - 1); nl++; }
        if (reason == 4) { strncat(S, w, sizeof S - strlen(S) - 1); ns++; }
    }
    if (f) fclose(f);
    if (!nl && !ns) { snprintf(out, n, " ! none"); return; }
    snprintf(out, n, " ! local=%s send=%s", nl ? L + 1 : "-", ns ? S + 1 : "-");
}
