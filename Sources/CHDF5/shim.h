// libhdf5 as Swift sees it: the library's own header, plus one inline function for every
// macro that Swift's importer leaves out (a macro that calls H5open, or names a global, or
// picks one of several versions of a function).
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

// One set of signatures for 1.10, 1.12 and 1.14.
#define H5_USE_18_API 1
#include <hdf5.h>
#include "image_driver.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------------------------- errors

// Without this the library prints its error stack to standard error by itself. The setting
// belongs to the calling thread.
static inline void chdf5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

typedef struct {
  char *text;
  size_t capacity;
} chdf5_message;

static inline herr_t chdf5_copy_message(unsigned depth, const H5E_error2_t *entry, void *message) {
  (void)depth;
  const chdf5_message *m = (const chdf5_message *)message;
  if (entry->desc) snprintf(m->text, m->capacity, "%s", entry->desc);
  return 1;
}

// Copies the innermost message of the calling thread's error stack and empties the stack. To be
// called on the thread of the failed call, after every failed call.
static inline void chdf5_take_error(char *text, size_t capacity) {
  chdf5_message message = {text, capacity};
  if (capacity > 0) text[0] = 0;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_copy_message, &message);
  H5Eclear2(H5E_DEFAULT);
}

// The stack belongs to the calling thread too.
static inline void chdf5_clear_errors(void) { H5Eclear2(H5E_DEFAULT); }

// ------------------------------------------------------------------------- files and lists

static inline hid_t chdf5_new_access_list(void) { return H5Pcreate(H5P_FILE_ACCESS); }
static inline hid_t chdf5_new_file_creation_list(void) { return H5Pcreate(H5P_FILE_CREATE); }
static inline hid_t chdf5_new_group_creation_list(void) { return H5Pcreate(H5P_GROUP_CREATE); }
static inline hid_t chdf5_new_dataset_creation_list(void) { return H5Pcreate(H5P_DATASET_CREATE); }
static inline hid_t chdf5_new_type_creation_list(void) { return H5Pcreate(H5P_DATATYPE_CREATE); }
static inline hid_t chdf5_new_link_creation_list(void) { return H5Pcreate(H5P_LINK_CREATE); }
static inline hid_t chdf5_new_attribute_creation_list(void) {
  return H5Pcreate(H5P_ATTRIBUTE_CREATE);
}

static inline hid_t chdf5_open_read_only(const char *name, hid_t access) {
  return H5Fopen(name, H5F_ACC_RDONLY, access);
}

static inline hid_t chdf5_create(const char *path, hid_t creation, hid_t access) {
  return H5Fcreate(path, H5F_ACC_TRUNC, creation, access);
}

static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }
static inline haddr_t chdf5_no_address(void) { return HADDR_UNDEF; }

static inline herr_t chdf5_use_image(
    hid_t access, hid_t driver, const void *bytes, size_t count) {
  chdf5_image image = {bytes, count};
  return H5Pset_driver(access, driver, &image);
}

// H5Pset_file_locking came with 1.10.7 and, on the other branch, 1.12.1.
static inline void chdf5_do_not_lock(hid_t access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && H5_VERSION_LE(1, 11, 0))
  H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
#endif
}

// ------------------------------------------------------------------------ objects and links

typedef struct {
  int32_t type;
  uint64_t file;
  uint64_t address;
  uint64_t attributes;
} chdf5_object;

static inline herr_t chdf5_describe(hid_t object, chdf5_object *description) {
  H5O_info_t info;
  memset(&info, 0, sizeof info);
  // Not the plain H5Oget_info: that one adds up the size of a group's index, every time.
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC | H5O_INFO_NUM_ATTRS);
  description->type = (int32_t)info.type;
  description->file = (uint64_t)info.fileno;
  description->address = (uint64_t)info.addr;
  description->attributes = (uint64_t)info.num_attrs;
  return status;
}

static inline hid_t chdf5_open_at(hid_t file, uint64_t address) {
  return H5Oopen_by_addr(file, (haddr_t)address);
}

// Called with every link; a negative answer stops. `order` is the place in the order of creation,
// `address` that of a hard link's object, `size` that of another link's value. `is_utf8` is the name's
// mark.
typedef int (*chdf5_link_visitor)(
    void *context, const char *name, int is_utf8, int32_t type, int64_t order, uint64_t address,
    size_t size);

typedef struct {
  chdf5_link_visitor visitor;
  void *context;
} chdf5_link_state;

static inline herr_t chdf5_visit_link(
    hid_t group, const char *name, const H5L_info_t *info, void *state) {
  (void)group;
  const chdf5_link_state *s = (const chdf5_link_state *)state;
  int is_hard = info->type == H5L_TYPE_HARD;
  return s->visitor(
      s->context, name, info->cset == H5T_CSET_UTF8, (int32_t)info->type,
      info->corder_valid ? info->corder : 0,
      is_hard ? (uint64_t)info->u.address : 0, is_hard ? 0 : info->u.val_size);
}

// In no order that means anything: to sort them, the library makes a table, and where one of many
// links cannot be decoded 1.10 frees what is not there yet.
static inline herr_t chdf5_visit_links(hid_t group, chdf5_link_visitor visitor, void *context) {
  chdf5_link_state state = {visitor, context};
  hsize_t start = 0;
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &start, chdf5_visit_link, &state);
}

typedef int (*chdf5_attribute_visitor)(
    void *context, const char *name, int is_utf8, int64_t order);

typedef struct {
  chdf5_attribute_visitor visitor;
  void *context;
} chdf5_attribute_state;

static inline herr_t chdf5_visit_attribute(
    hid_t object, const char *name, const H5A_info_t *info, void *state) {
  (void)object;
  const chdf5_attribute_state *s = (const chdf5_attribute_state *)state;
  return s->visitor(
      s->context, name, info->cset == H5T_CSET_UTF8, info->corder_valid ? info->corder : 0);
}

// In no order that means anything, either.
static inline herr_t chdf5_visit_attributes(
    hid_t object, chdf5_attribute_visitor visitor, void *context) {
  chdf5_attribute_state state = {visitor, context};
  hsize_t start = 0;
  return H5Aiterate2(
      object, H5_INDEX_NAME, H5_ITER_NATIVE, &start, chdf5_visit_attribute, &state);
}

// ------------------------------------------------------------------------------------ types

static inline hid_t chdf5_new_integer(int is_signed) {
  return H5Tcopy(is_signed ? H5T_STD_I32LE : H5T_STD_U32LE);
}
static inline hid_t chdf5_new_bitfield(void) { return H5Tcopy(H5T_STD_B32LE); }
static inline hid_t chdf5_new_float(void) { return H5Tcopy(H5T_IEEE_F64LE); }
static inline hid_t chdf5_new_string(void) { return H5Tcopy(H5T_C_S1); }
static inline hid_t chdf5_new_object_reference(void) { return H5Tcopy(H5T_STD_REF_OBJ); }
static inline htri_t chdf5_is_object_reference(hid_t type) {
  return H5Tequal(type, H5T_STD_REF_OBJ);
}
static inline size_t chdf5_variable(void) { return H5T_VARIABLE; }

// A conversion that is none: variable-length data comes out as it lies in the file, a length and
// the place in a global heap, so that the reader can check both before anything is allocated.
static inline herr_t chdf5_keep_as_stored(
    hid_t from, hid_t to, H5T_cdata_t *state, size_t count, size_t stride,
    size_t background_stride, void *buffer, void *background, hid_t transfer) {
  (void)count, (void)stride, (void)background_stride, (void)buffer, (void)background;
  (void)transfer;
  if (state->command != H5T_CONV_INIT) return 0;
  state->need_bkg = H5T_BKG_NO;
  return H5Tget_size(from) == H5Tget_size(to) ? 0 : -1;
}

static inline herr_t chdf5_register_keep_as_stored(void) {
  hid_t string = H5Tcopy(H5T_C_S1), opaque = H5Tcreate(H5T_OPAQUE, 16);
  herr_t status = H5Tset_size(string, H5T_VARIABLE);
  if (status >= 0)
    status = H5Tregister(H5T_PERS_SOFT, "as stored", string, opaque, chdf5_keep_as_stored);
  H5Tclose(string);
  H5Tclose(opaque);
  return status;
}

#endif
