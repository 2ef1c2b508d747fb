// swift-tools-version: 6.2
import PackageDescription

// The floor plan. Bytes on disk → a document → a model → scores and masks → a document again →
// bytes on disk. Each target is one room, and SwiftPM refuses an import that is not declared here,
// so the arrows below are the only ones there are. They go down the list, never up.
//
//   coppice            the command line: one file a command
//   Reports            values in, text out: tables, JSON, CSV, SVG
//   Studies            many runs: the prune-train loop, patience, budgets; sweeps and what they show
//   Pruning            criteria, targets, masks
//   Network            the graph that runs: layers, losses, metrics; the engine underneath
//   Datasets           user data: HDF5, .npz, .npy, IDX, CSV in; parts and batches of floats out
//   Keras              what a container means: config of every Keras age, weights by layer
//   CSRM               the packed format: container, directory, encodings
//   HDF5               an HDF5 file as a Document; the only room that sees libhdf5
//   Zip                zip archives, read and written; deflate undone
//   Documents          the values between the rooms: Document (groups, attributes, datasets), Container
//   Tensors            element types, masks, scans, counts, k-th magnitude
//   Files              bytes on disk: mapped in, whole-or-not-at-all out
//   Parallel           deterministic splits over the cores
//   JSON               a value type that keeps key order, a strict reader, a writer
//   CKernels           the loops that need an instruction set chosen at run time
//   CHDF5, CZlib       module maps and shims, no logic
//   COpenBLAS          OpenBLAS, loaded when it is first needed
//
// Sources/Python is no target: one file of NumPy that reads what CSRM writes.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func room(_ name: String, on below: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: below, swiftSettings: strict)
}

func tests(of name: String, on others: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name)] + others, swiftSettings: strict)
}

let package = Package(
  name: "coppice",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "coppice", targets: ["coppice"]),
    .library(name: "CSRM", targets: ["CSRM"]),
    .library(name: "Keras", targets: ["Keras"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    .executableTarget(
      name: "coppice",
      dependencies: [
        "Reports", "Studies", "Pruning", "Network", "Datasets", "Keras", "CSRM", "HDF5", "Documents", "Tensors", "Files", "Parallel",
        "JSON", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    room("Reports", on: ["Studies", "JSON"]),
    room("Studies", on: ["Pruning", "Tensors", "Files", "JSON"]),
    room("Pruning", on: ["Tensors", "Files", "Parallel", "CKernels", "COpenBLAS"]),
    room(
      "Network",
      on: [
        "Keras", "Documents", "Tensors", "Files", "Parallel", "JSON", "CKernels", "COpenBLAS",
      ]),
    room(
      "Keras",
      on: ["CSRM", "HDF5", "Zip", "Documents", "Tensors", "Files", "Parallel", "JSON"]),
    room("Datasets", on: ["HDF5", "Zip", "Documents", "Tensors", "Files"]),
    room("CSRM", on: ["Documents", "Tensors", "Files", "Parallel", "CKernels", "CZlib"]),
    room("HDF5", on: ["Documents", "Tensors", "Files", "Parallel", "CHDF5", "CZlib"]),
    room("Zip", on: ["Documents", "Files", "Parallel", "CKernels", "CZlib"]),
    room("Documents", on: ["Tensors", "Files"]),
    room("Tensors", on: ["Files", "Parallel", "CKernels"]),
    room("Files", on: ["CKernels"]),
    room("Parallel", on: ["CKernels"]),
    room("JSON", on: []),
    .target(name: "CKernels"),
    .target(name: "COpenBLAS"),
    .systemLibrary(
      name: "CHDF5", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev", "pkg-config"]), .brew(["hdf5"])]),
    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev", "pkg-config"]), .brew(["zlib"])]),

    tests(of: "coppice", on: ["Studies", "Pruning", "Network", "Datasets"]),
    tests(of: "Reports", on: ["Studies", "JSON"]),
    tests(of: "Studies", on: ["Pruning", "Tensors", "Files", "JSON"]),
    tests(of: "Pruning", on: ["Tensors", "Files", "Parallel", "COpenBLAS"]),
    tests(of: "Network", on: ["Keras", "Documents", "Tensors", "Files", "JSON"]),
    tests(of: "Keras", on: ["CSRM", "HDF5", "Documents", "Tensors", "Files", "JSON"]),
    tests(of: "Datasets", on: ["HDF5", "Zip", "Documents", "Tensors", "Files"]),
    tests(of: "CSRM", on: ["Documents", "Tensors", "Files", "CKernels"]),
    tests(of: "HDF5", on: ["Documents", "Tensors", "Files"]),
    tests(of: "Zip", on: ["Documents", "Files"]),
    tests(of: "Documents", on: ["Files"]),
    tests(of: "Tensors", on: ["Files", "Parallel", "CKernels"]),
    tests(of: "Files"),
    tests(of: "Parallel"),
    tests(of: "JSON"),
    tests(of: "CKernels", on: ["COpenBLAS"]),
  ],
  swiftLanguageModes: [.v6]
)
