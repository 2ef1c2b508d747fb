// CSRM
