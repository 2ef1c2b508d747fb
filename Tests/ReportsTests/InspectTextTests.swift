import Testing

@testable import Reports

@Test func inspectFitsEightyColumns() {
  #expect(
    Samples.inspect.text(width: 80, color: false) == """
      net.h5
        container   keras-h5, Keras 2.2.4 on tensorflow
        model       net
        size        9.34 kB (9,344 bytes): weights 4.64 kB, optimizer 4.00 kB,
                    attributes 300 B, metadata 404 B
        parameters  1,160, 1,144 of them prunable (98.62 %)
        zeros       972 of the prunable, 988 of all
        sparsity    84.97 %, overall 85.17 %

        tensor                 shape     type     weights  zeros  sparsity   stored
      ─────────────────────────────────────────────────────────────────────────────
      • conv2d/kernel          3×3×1×16  float32      144     72   50.00 %    576 B
        conv2d/bias            16        float32       16     16  100.00 %     64 B
      • dense_10/kernel        100×10    float32    1,000    900   90.00 %  4.00 kB
        optimizer, 1 tensor                         1,000                   4.00 kB
      ─────────────────────────────────────────────────────────────────────────────
      • prunable                                    1,144    972   84.97 %  4.58 kB
        all but the optimizer                       1,160    988   85.17 %  4.64 kB

      note: the config names a layer dropout that has no weights

      """)
}
