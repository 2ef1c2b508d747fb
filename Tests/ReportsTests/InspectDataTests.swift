import JSON
import Testing

@testable import Reports

private let small: InspectReport = {
  var report = Samples.inspect
  report.tensors = Array(report.tensors[1...1])
  return report
}()

private let layered: InspectReport = {
  var report = Samples.inspect
  report.showsLayers = true
  return report
}()

/// Only what `--estimate`, `--structure`, `--histogram` and `--layers` add.
private let detailedFields: String = {
  var report = Samples.detailed
  report.showsLayers = true
  let json = report.json
  let first = json["tensors"]?.arrayValue?.first
  let fields = ["encoding", "bits_per_weight", "bits_per_nonzero", "ratio_to_limit", "structure"]
  let tensor = fields.map { "\($0): \(first?[$0]?.text() ?? "-")\n" }.joined()
  return tensor
    + ["layers", "histogram", "estimate"].map { "\($0): \(json[$0]?.text() ?? "-")\n" }.joined()
}()

@Test func inspectAsJSON() {
  #expect(
    small.jsonText(alone: true) == """
      {
        "schema": "coppice.inspect/1",
        "file": "net.h5",
        "container": "keras-h5",
        "keras_version": "2.2.4",
        "backend": "tensorflow",
        "model_name": "net",
        "bytes": 9344,
        "parameters": 16,
        "prunable": 0,
        "zeros": 0,
        "sparsity": null,
        "overall_sparsity": 1.0,
        "nonfinite": 0,
        "tensors": [
          {
            "name": "conv2d/bias",
            "path": "model_weights/conv2d/conv2d/bias:0",
            "layer": "conv2d",
            "class": "Conv2D",
            "role": "bias",
            "shape": [
              16
            ],
            "dtype": "float32",
            "count": 16,
            "zeros": 16,
            "sparsity": 1.0,
            "min": 0.0,
            "max": 0.0,
            "mean": 0.0,
            "std": 0.0,
            "abs_mean": 0.0,
            "nan": 0,
            "inf": 0,
            "prunable": false,
            "bytes": 64,
            "stored_bytes": 64,
            "stored_as": "contiguous",
            "reason": "a bias"
          }
        ],
        "other_bytes": {
          "optimizer": 4000,
          "attributes": 300,
          "metadata": 404
        },
        "notes": [
          "the config names a layer dropout that has no weights"
        ]
      }

      """)
}

@Test func inspectDetailsAsJSON() {
  #expect(
    detailedFields == """
      encoding: "bitmask"
      bits_per_weight: 17.0
      bits_per_nonzero: 34.0
      ratio_to_limit: 1.2
      structure: {"filters":16,"zero_filters":2,"channels":1,"zero_channels":0,"nm":[{"n":2,"m":4,"groups":36,"compliant":36}]}
      layers: [{"layer":"conv2d","class":"Conv2D","tensors":2,"count":160,"prunable":144,"zeros":72,"sparsity":0.5,"bytes":640,"stored_bytes":640},{"layer":"dense_10","class":"Dense","tensors":1,"count":1000,"prunable":1000,"zeros":900,"sparsity":0.9,"bytes":4000,"stored_bytes":4000}]
      histogram: {"zeros":972,"nonfinite":1,"bins":[{"from":0.125,"to":0.25,"count":0},{"from":0.25,"to":0.5,"count":100},{"from":0.5,"to":1.0,"count":50},{"from":1.0,"to":2.0,"count":21}]}
      estimate: {"sparsity":0.9,"bytes":1168,"ratio":8.0,"levels":{"fast":1300,"max":1100}}

      """)
}

@Test func inspectAsCSV() {
  #expect(
    Samples.detailed.csv.text == """
      file,name,path,layer,class,role,shape,dtype,count,zeros,sparsity,min,max,mean,std,abs_mean,nan,inf,prunable,bytes,stored_bytes,stored_as,encoding,bits_per_weight,bits_per_nonzero,ratio_to_limit,precision
      net.h5,conv2d/kernel,model_weights/conv2d/conv2d/kernel:0,conv2d,Conv2D,kernel,3x3x1x16,float32,144,72,0.5,-0.5,0.75,0.0125,0.25,0.125,0,0,true,576,576,contiguous,bitmask,17.0,34.0,1.2,
      net.h5,conv2d/bias,model_weights/conv2d/conv2d/bias:0,conv2d,Conv2D,bias,16,float32,16,16,1.0,0.0,0.0,0.0,0.0,0.0,0,0,false,64,64,contiguous,constant,2.0,,,
      net.h5,dense_10/kernel,model_weights/dense_10/dense_10/kernel:0,dense_10,Dense,kernel,100x10,float32,1000,900,0.9,-1.5,1.25,-0.001,0.1,0.05,0,0,true,4000,4000,contiguous,csr,4.8,48.0,1.25,
      net.h5,dense_10/kernel/m,optimizer_weights/dense_10/kernel/m:0,,,optimizer,100x10,float32,1000,0,0.0,-0.1,0.1,0.0,0.01,0.005,0,0,false,4000,4000,contiguous,,,,,

      """)
}

@Test func layersAsCSV() {
  #expect(
    layered.csv.text == """
      file,layer,class,tensors,count,prunable,zeros,sparsity,bytes,stored_bytes
      net.h5,conv2d,Conv2D,2,160,144,72,0.5,640,640
      net.h5,dense_10,Dense,1,1000,1000,900,0.9,4000,4000

      """)
}
