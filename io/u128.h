/* u128.h - unsigned integers of 128 bits: the compiler's own, or C23's where it has none, as for 32-bit machines. */
#ifndef KMU_IO_U128_H
#define KMU_IO_U128_H

#ifdef __SIZEOF_INT128__
typedef unsigned __int128 u128;
#else
typedef unsigned _BitInt(128) u128;
#endif

#endif
