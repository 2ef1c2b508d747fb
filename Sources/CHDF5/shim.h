// libhdf5 as Swift sees it: the library's own header, plus one inline function for every
// macro that Swift's importer leaves out (a macro that calls H5open, or names a global, or
// picks one of several versions of a function).
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

// One set of signatures for 1.10, 1.12 and 1.14.
#define H5_USE_18_API 1
#include <hdf5.h>

// Without this the library prints its error stack to standard error by itself. The setting
// belongs to the calling thread.
static inline void chdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

#endif
