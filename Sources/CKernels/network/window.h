// The taps of a window that lie inside of the image, along one dimension.
#ifndef CK_WINDOW_H
#define CK_WINDOW_H

typedef struct {
  long first, end;  // taps first ..< end, none where end ≤ first
} ck_window;

// Of `taps` taps, `dilation` apart, the first at `origin` (negative in the padding), those in
// 0 ..< size.
static inline ck_window ck_inside(long origin, long taps, long dilation, long size) {
  long first = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  long end = origin < size ? (size - origin + dilation - 1) / dilation : 0;
  return (ck_window){first, end < taps ? end : taps};
}

#endif
