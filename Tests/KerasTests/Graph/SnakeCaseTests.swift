import Testing

@testable import Keras

struct SnakeCaseTests {
  /// As Keras 3.15's `to_snake_case` gives them.
  @Test(arguments: [
    ("Dense", "dense"), ("Conv2D", "conv2d"), ("Conv2DTranspose", "conv2d_transpose"),
    ("LSTM", "lstm"),
    ("LSTMCell", "lstm_cell"), ("BatchNormalization", "batch_normalization"),
    ("MultiHeadAttention", "multi_head_attention"),
    ("GroupedQueryAttention", "grouped_query_attention"), ("PReLU", "p_re_lu"), ("ReLU", "re_lu"),
    ("LeakyReLU", "leaky_re_lu"), ("ELU", "elu"), ("SpatialDropout1D", "spatial_dropout1d"),
    ("InputLayer", "input_layer"),
    ("SimpleRNN", "simple_rnn"), ("ConvLSTM2D", "conv_lstm2d"), ("GRU", "gru"),
    ("GlobalAveragePooling2D", "global_average_pooling2d"),
    ("DepthwiseConv2D", "depthwise_conv2d"), ("StackedRNNCells", "stacked_rnn_cells"),
    ("UpSampling2D", "up_sampling2d"),
    ("MyLayerV2", "my_layer_v2"), ("x", "x"), ("", ""), ("A", "a"), ("My_Layer", "my__layer"),
    ("pkg>Class", "pkg_class"),
    ("RMSNormalization", "rms_normalization"), ("TFOpLambda", "tf_op_lambda"),
  ])
  func snakes(className: String, snake: String) { #expect(SnakeCase.of(className) == snake) }

  @Test func automaticNamesLeadBackToClasses() {
    #expect(LayerCatalogue.className(for: "dense") == "Dense")
    #expect(LayerCatalogue.className(for: "dense_12") == "Dense")
    #expect(LayerCatalogue.className(for: "conv2d_transpose_3") == "Conv2DTranspose")
    #expect(LayerCatalogue.className(for: "batchnormalization_1") == "BatchNormalization")
    #expect(LayerCatalogue.className(for: "convolution2d_4") == "Convolution2D")
    #expect(LayerCatalogue.className(for: "fc_1") == nil)
    #expect(LayerCatalogue.className(for: "dense_") == nil)
  }

  @Test func listsCountTheirClasses() {
    var names = GroupNames()
    #expect(
      ["Dense", "Conv2D", "Dense", "Dense", "GroupQueryAttention"].map { names.next($0) }
        == ["dense", "conv2d", "dense_1", "dense_2", "grouped_query_attention"])
  }
}
