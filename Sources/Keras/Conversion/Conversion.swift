import Documents

/// Turns a container into one of another kind.
struct Conversion {
  let container: Container
  let path: String
  init(_ container: Container, path: String) {
    self.container = container
    self.path = path
  }
  func converted(to kind: ContainerKind) throws -> Container {
    throw KerasError.cannotConvert(path: path, why: "cannot be made a \(kind.rawValue)", advice: "")
  }
}
