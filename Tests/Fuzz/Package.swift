// swift-tools-version: 6.2
import PackageDescription

// What throws bytes at the readers of packed files. A package of its own, because it is built with
// sanitizers and sees what is internal to CSRM: Tests/Fuzz/run builds and runs it.
let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "coppice", path: "../..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "CSRM", package: "coppice"), "CFuzzer"]),
    .target(name: "CFuzzer"),
  ],
  swiftLanguageModes: [.v6]
)
