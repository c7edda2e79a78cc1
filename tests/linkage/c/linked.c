/* Linked against the library. */
#include <stdio.h>

int upgrade(void);

int main(void) {
    int applied = upgrade();
    if (applied < 0) return 1;
    printf("applied %d\n", applied);
    return 0;
}
