// A file driver for libhdf5 that reads from bytes in memory: a mapped file, most of the time.
//
// The library's own "core" driver could do it too, but copies the bytes, opens a file of the given
// name besides, answers zeros behind the end, and asks the library to gather small reads, in which
// 1.10 follows a damaged address out of its buffer. This one answers what lies inside the bytes
// and nothing else; and no global heap that does not hold together.
#ifndef CHDF5_IMAGE_DRIVER_H
#define CHDF5_IMAGE_DRIVER_H

#include <hdf5.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  const void *bytes;
  size_t count;
} chdf5_image;

// The library keeps its own fields in front.
typedef struct {
  H5FD_t base;
  chdf5_image image;
  haddr_t end;
} chdf5_image_file;

static inline H5FD_t *chdf5_image_open(
    const char *name, unsigned flags, hid_t access, haddr_t limit) {
  (void)name, (void)limit;
  const chdf5_image *image = (const chdf5_image *)H5Pget_driver_info(access);
  if (!image || (flags & (H5F_ACC_RDWR | H5F_ACC_CREAT))) return NULL;
  chdf5_image_file *file = (chdf5_image_file *)calloc(1, sizeof *file);
  if (file) file->image = *image;
  return (H5FD_t *)file;
}

static inline herr_t chdf5_image_close(H5FD_t *file) {
  free(file);
  return 0;
}

static inline int chdf5_image_compare(const H5FD_t *a, const H5FD_t *b) {
  return a < b ? -1 : a > b;
}

static inline herr_t chdf5_image_query(const H5FD_t *file, unsigned long *flags) {
  (void)file;
  if (flags) *flags = 0;
  return 0;
}

static inline haddr_t chdf5_image_get_end(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_image_file *)file)->end;
}

static inline herr_t chdf5_image_set_end(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
  (void)type;
  ((chdf5_image_file *)file)->end = end;
  return 0;
}

static inline haddr_t chdf5_image_size(const H5FD_t *file, H5FD_mem_t type) {
  (void)type;
  return ((const chdf5_image_file *)file)->image.count;
}

// Whether the global heap collection that `bytes` begin with holds together. In one that does not,
// 1.10 may walk for ever.
static inline int chdf5_is_sound_heap(const unsigned char *bytes, size_t count) {
  uint64_t size = 0, at = 16;
  if (count < 16 || memcmp(bytes, "GCOL", 4) != 0 || bytes[4] != 1) return 0;
  for (int i = 7; i >= 0; i--) size = size << 8 | bytes[8 + i];
  if (size < 16 || size > count) return 0;
  while (size - at >= 16) {
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--) length = length << 8 | bytes[at + 8 + i];
    if (length > size - at) return 0;
    // Object 0 is all of the free space behind the last one, its own 16 bytes included.
    if (!bytes[at] && !bytes[at + 1]) return length == size - at;
    uint64_t taken = 16 + ((length + 7) & ~(uint64_t)7);
    if (taken > size - at) return 0;
    at += taken;
  }
  return 1;
}

static inline herr_t chdf5_image_read(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer) {
  (void)transfer;
  const chdf5_image *image = &((const chdf5_image_file *)file)->image;
  if (address > image->count || size > image->count - address) return -1;
  // The library reads a global heap as if it were a dataset's values.
  const unsigned char *start = (const unsigned char *)image->bytes + address;
  if (type == H5FD_MEM_DRAW && size >= 4 && memcmp(start, "GCOL", 4) == 0 &&
      !chdf5_is_sound_heap(start, image->count - address))
    return -1;
  memcpy(buffer, start, size);
  return 0;
}

static inline herr_t chdf5_image_write(
    H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
    const void *buffer) {
  (void)file, (void)type, (void)transfer, (void)address, (void)size, (void)buffer;
  return -1;
}

// The identifier of the driver. To be called once.
static inline hid_t chdf5_register_image_driver(void) {
  static const H5FD_class_t driver = {
#if H5_VERSION_GE(1, 13, 0)
      .version = H5FD_CLASS_VERSION,
      .value = (H5FD_class_value_t)(H5_VFD_RESERVED + 1),
#endif
      .name = "image",
      .maxaddr = HADDR_MAX,
      .fc_degree = H5F_CLOSE_STRONG,
      .fapl_size = sizeof(chdf5_image),
      .open = chdf5_image_open,
      .close = chdf5_image_close,
      .cmp = chdf5_image_compare,
      .query = chdf5_image_query,
      .get_eoa = chdf5_image_get_end,
      .set_eoa = chdf5_image_set_end,
      .get_eof = chdf5_image_size,
      .read = chdf5_image_read,
      .write = chdf5_image_write,
      .fl_map = H5FD_FLMAP_DICHOTOMY,
  };
  return H5FDregister(&driver);
}

#endif
