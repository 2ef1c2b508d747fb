/// What a lane has of its own.
final class LaneWorkspace {
  let scratch: UnsafeMutablePointer<Float>
  /// Where the gradient of an input goes that is added to another one.
  let added: UnsafeMutablePointer<Float>
  let values: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  let masks: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  let gradients: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  let targets: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  let parameters: UnsafeMutablePointer<UnsafeMutablePointer<Float>?>
  let faults = DataFaults()
  /// The lane's rows of this step.
  var range = 0..<0

  init(
    scratch: Int, added: Int, values: Int, inputs: Int, parameters: Int,
    placeholder: UnsafeMutablePointer<Float>
  ) {
    self.scratch = Floats.allocate(scratch)
    self.added = Floats.allocate(added)
    self.values = .allocate(capacity: max(1, values))
    self.values.initialize(repeating: placeholder, count: max(1, values))
    masks = .allocate(capacity: max(1, values))
    masks.initialize(repeating: nil, count: max(1, values))
    gradients = .allocate(capacity: max(1, values))
    gradients.initialize(repeating: nil, count: max(1, values))
    targets = .allocate(capacity: max(1, inputs))
    targets.initialize(repeating: nil, count: max(1, inputs))
    self.parameters = .allocate(capacity: max(1, parameters))
    self.parameters.initialize(repeating: nil, count: max(1, parameters))
  }

  deinit {
    scratch.deallocate()
    added.deallocate()
    values.deallocate()
    masks.deallocate()
    gradients.deallocate()
    targets.deallocate()
    parameters.deallocate()
  }
}
