/* Opens the library at run time: `opened library.so`. */
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 2;
    int (*upgrade)(void);
    *(void **)&upgrade = dlsym(library, "upgrade");
    if (!upgrade) return fprintf(stderr, "%s\n", dlerror()), 2;
    int applied = upgrade();
    if (applied < 0) return 1;
    printf("applied %d\n", applied);
    return 0;
}
