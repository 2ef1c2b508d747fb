import Testing

@testable import Reports

@Test func packAtFortyColumns() {
  #expect(
    Samples.pack.text(width: 40, color: false) == """
      net.h5 → net.csrm
        size   9.34 kB → 2.34 kB (2,336
               bytes), 4.00× smaller
        of it  tensors 1.00 kB, document
               900 B, directory 436 B
        -0.0   5 elements: --canonical-zero
               saves 22 B
        time   1.3 s

      tensor           encoding   stored
      ──────────────────────────────────
      conv2d/kernel    bitmask     306 B
      dense_10/kernel  csr         694 B
      ──────────────────────────────────
      all                        1.00 kB

      """)
}

@Test func packAtEightyColumns() {
  #expect(
    Samples.pack.text(width: 80, color: false) == """
      net.h5 → net.csrm
        size   9.34 kB → 2.34 kB (2,336 bytes), 4.00× smaller
        of it  tensors 1.00 kB, document 900 B, directory 436 B
        -0.0   5 elements: --canonical-zero saves 22 B
        time   1.3 s

      tensor           type     weights    zeros  encoding   stored  bits/weight
      ──────────────────────────────────────────────────────────────────────────
      conv2d/kernel    float32      144  50.00 %  bitmask     306 B        17.00
      dense_10/kernel  float32    1,000  89.50 %  csr         694 B         5.55
      ──────────────────────────────────────────────────────────────────────────
      all                         1,144  84.53 %            1.00 kB         6.99

      """)
}

@Test func packAsJSON() {
  #expect(
    Samples.pack.jsonText(alone: false) == """
      {"schema":"coppice.pack/1","file":"net.h5","container":"keras-h5","input":{"file":"net.h5","container":"keras-h5","bytes":9344,"sha256":"aa"},"output":{"file":"net.csrm","container":"csrm","bytes":2336,"sha256":"bb"},"bytes":2336,"ratio":4.0,"document_bytes":900,"directory_bytes":436,"bytes_exact":false,"negative_zeros":5,"canonical_zero_saves":22,"tensors":[{"name":"conv2d/kernel","shape":[3,3,1,16],"dtype":"float32","count":144,"nonzeros":72,"encoding":"bitmask","precision":"exact","dense_bytes":576,"bytes":306,"side_bytes":0,"bits_per_weight":17.0},{"name":"dense_10/kernel","shape":[100,10],"dtype":"float32","count":1000,"nonzeros":105,"encoding":"csr","precision":"exact","dense_bytes":4000,"bytes":694,"side_bytes":0,"bits_per_weight":5.552}],"seconds":1.25}

      """)
}

@Test func packAsCSV() {
  #expect(
    Samples.pack.csv.text == """
      file,name,shape,dtype,count,nonzeros,encoding,precision,dense_bytes,bytes,bits_per_weight,side_bytes
      net.h5,conv2d/kernel,3x3x1x16,float32,144,72,bitmask,exact,576,306,17.0,0
      net.h5,dense_10/kernel,100x10,float32,1000,105,csr,exact,4000,694,5.552,0

      """)
}

@Test func unpackInOneLine() {
  #expect(
    Samples.unpack.text(width: 80, color: false) == """
      net.csrm (csrm, 2.34 kB) → net.h5 (keras-h5, 9.34 kB), 4 tensors, the very bytes
      that were packed, 0.500 s

      """)
}

@Test func whatADryRunWouldWrite() {
  var report = Samples.unpack
  report.output = nil
  report.planned = .init(container: "keras-h5", bytes: nil)
  #expect(
    report.line == "net.csrm (csrm, 2.34 kB) would become keras-h5, 4 tensors; nothing written")
  report.planned?.bytes = 2336
  #expect(
    report.line
      == "net.csrm (csrm, 2.34 kB) would become keras-h5, 2.34 kB, 4 tensors; nothing written")
}

@Test func unpackAsJSON() {
  #expect(
    Samples.unpack.jsonText(alone: false) == """
      {"schema":"coppice.unpack/1","file":"net.csrm","input":{"file":"net.csrm","container":"csrm","bytes":2336,"sha256":null},"output":{"file":"net.h5","container":"keras-h5","bytes":9344,"sha256":"aa"},"tensors":4,"bytes_exact":true,"seconds":0.5}

      """)
}

@Test func unpackAsCSV() {
  #expect(
    Samples.unpack.csv.text == """
      file,container,bytes,output,output_container,output_bytes,tensors,bytes_exact
      net.csrm,csrm,2336,net.h5,keras-h5,9344,4,true

      """)
}

@Test func damageIsNamed() {
  #expect(
    Samples.damaged.text(width: 80, color: false) == """
      net.csrm: damaged in 1 place, 2,336 bytes checked
        model_weights/conv2d/conv2d/kernel:0: the checksum of block 0 is wrong

      """)
}

@Test func damageAsJSON() {
  #expect(
    Samples.damaged.jsonText(alone: false) == """
      {"schema":"coppice.verify/1","file":"net.csrm","container":"csrm","against":null,"ok":false,"checked_bytes":2336,"damage":[{"where":"model_weights/conv2d/conv2d/kernel:0","what":"the checksum of block 0 is wrong"}]}

      """)
}

@Test func damageAsCSV() {
  #expect(
    Samples.damaged.csv.text == """
      file,against,ok,checked_bytes,where,what
      net.csrm,,false,2336,model_weights/conv2d/conv2d/kernel:0,the checksum of block 0 is wrong

      """)
}

@Test func diffAtFortyColumns() {
  #expect(
    Samples.diff.text(width: 40, color: false) == """
      net.h5, small.h5: 1 with other values, 1
      of another shape, 1 of another type, 1
      only in the first, 1 only in the second,
      1 other difference, 1 the same

      tensor           status
      ───────────────────────────────────────
      conv2d/kernel    values
      dense_10/kernel  shape 100×10, 100×12
      dense_10/scale   dtype float32, float16
      old/bias         missing
      new/bias         extra

      model_config: the attribute differs

      """)
}

@Test func diffAtEightyColumns() {
  #expect(
    Samples.diff.text(width: 80, color: false) == """
      net.h5, small.h5: 1 with other values, 1 of another shape, 1 of another type, 1
      only in the first, 1 only in the second, 1 other difference, 1 the same

      tensor           status                  changed  max |a-b|     rms  zeros a
      ────────────────────────────────────────────────────────────────────────────
      conv2d/kernel    values                       58       0.25  0.0625       72
      dense_10/kernel  shape 100×10, 100×12          –          –       –      900
      dense_10/scale   dtype float32, float16        –          –       –        0
      old/bias         missing                       –          –       –        0
      new/bias         extra                         –          –       –        –

      model_config: the attribute differs

      """)
}

@Test func diffAsJSON() {
  #expect(
    Samples.diff.jsonText(alone: false) == """
      {"schema":"coppice.diff/1","a":"net.h5","b":"small.h5","same":false,"tensors":[{"name":"conv2d/kernel","status":"values","shape_a":[3,3,1,16],"shape_b":[3,3,1,16],"dtype_a":"float32","dtype_b":"float32","max_abs":0.25,"rms":0.0625,"changed":58,"zeros_a":72,"zeros_b":130},{"name":"conv2d/bias","status":"same","shape_a":[16],"shape_b":[16],"dtype_a":"float32","dtype_b":"float32","max_abs":0.0,"rms":0.0,"changed":0,"zeros_a":16,"zeros_b":16},{"name":"dense_10/kernel","status":"shape","shape_a":[100,10],"shape_b":[100,12],"dtype_a":"float32","dtype_b":"float32","max_abs":null,"rms":null,"changed":null,"zeros_a":900,"zeros_b":0},{"name":"dense_10/scale","status":"dtype","shape_a":[1],"shape_b":[1],"dtype_a":"float32","dtype_b":"float16","max_abs":null,"rms":null,"changed":null,"zeros_a":0,"zeros_b":0},{"name":"old/bias","status":"missing","shape_a":[4],"shape_b":null,"dtype_a":"float32","dtype_b":null,"max_abs":null,"rms":null,"changed":null,"zeros_a":0,"zeros_b":null},{"name":"new/bias","status":"extra","shape_a":null,"shape_b":[4],"dtype_a":null,"dtype_b":"float32","max_abs":null,"rms":null,"changed":null,"zeros_a":null,"zeros_b":0}],"others":[{"where":"model_config","what":"the attribute differs"}]}

      """)
}

@Test func diffAsCSV() {
  #expect(
    Samples.diff.csv.text == """
      a,b,name,status,shape_a,shape_b,dtype_a,dtype_b,max_abs,rms,changed,zeros_a,zeros_b
      net.h5,small.h5,conv2d/kernel,values,3x3x1x16,3x3x1x16,float32,float32,0.25,0.0625,58,72,130
      net.h5,small.h5,conv2d/bias,same,16,16,float32,float32,0.0,0.0,0,16,16
      net.h5,small.h5,dense_10/kernel,shape,100x10,100x12,float32,float32,,,,900,0
      net.h5,small.h5,dense_10/scale,dtype,1,1,float32,float16,,,,0,0
      net.h5,small.h5,old/bias,missing,4,,float32,,,,,0,
      net.h5,small.h5,new/bias,extra,,4,,float32,,,,,0

      """)
}
