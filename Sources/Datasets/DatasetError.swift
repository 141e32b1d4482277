import Files
import Glibc

/// Why a dataset cannot be used: one line that names the file or folder.
public enum DatasetError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The operating system refused to open or read something.
  case system(path: String, errno: Int32)
  /// There are no images, at any depth, but maybe files that should be some.
  case noImages(path: String, damaged: [DatasetWarning] = [])
  /// There are neither classes of images nor data files, but maybe files that should be images.
  case noData(path: String, damaged: [DatasetWarning] = [])
  /// There are images, but not in folders of classes.
  case noClasses(path: String)
  /// A classifier needs two classes.
  case oneClass(path: String, name: String, damaged: [DatasetWarning] = [])
  /// A data file breaks its format's rules.
  case corrupt(path: String, String)
  /// A split that cannot be.
  case invalidSplit(String)

  /// What could not be read, to be named beside the error.
  public var damaged: [DatasetWarning] {
    switch self {
    case .noImages(_, let damaged), .noData(_, let damaged), .oneClass(_, _, let damaged): damaged
    case .system, .noClasses, .corrupt, .invalidSplit: []
    }
  }

  public var description: String {
    switch self {
    case .system(let path, ENOTDIR):
      "\(path): is not a directory"
    case .system(let path, let code): "\(path): \(errorText(code))"
    case .noImages(let path, _): "\(path): contains no images"
    case .noData(let path, _):
      "\(path): contains no images; expected one subdirectory per class, or IDX or CIFAR "
        + "files"
    case .noClasses(let path):
      "\(path): contains images but no class subdirectories; put the images of each class into a "
        + "subdirectory named after the class"
    case .oneClass(let path, let name, _):
      "\(path): only one class, \(name); a classifier needs two or more subdirectories with images"
    case .corrupt(let path, let what): "\(path): \(what)"
    case .invalidSplit(let what): what
    }
  }
}

/// What is odd about a dataset that can be used all the same: one line.
public enum DatasetWarning: Sendable, Hashable, CustomStringConvertible {
  /// An image that cannot be read; it is left out.
  case unreadableImage(path: String, reason: String)
  /// A folder that cannot be read; it is left out.
  case unreadableFolder(path: String, errno: Int32)
  /// A class whose folder holds no images; it is left out.
  case emptyClass(path: String)
  /// A class with a single image, which is trained on and never validated.
  case singleImage(path: String)
  /// Files in a dataset that are no images and are not called so.
  case otherFiles(path: String, count: Int)
  /// Images without a mask, or masks without an image; they are left out.
  case withoutPartner(path: String, count: Int, example: String, partner: String)
  /// Labels that hold of no image.
  case unusedLabels(path: String, names: [String])
  /// Labels that a model does not know; they are left out.
  case unknownLabels(path: String, names: [String])

  /// Whether it is odd in training alone, not where images are only measured by.
  public var isTrainingOnly: Bool {
    switch self {
    case .singleImage, .unusedLabels: true
    default: false
    }
  }

  /// Whether something that was given could not be read.
  public var isFailure: Bool {
    switch self {
    case .unreadableImage, .unreadableFolder: true
    case .emptyClass, .singleImage, .otherFiles, .withoutPartner, .unusedLabels, .unknownLabels:
      false
    }
  }

  public var description: String {
    switch self {
    case .unreadableImage(let path, let reason): "\(path): \(reason); skipped"
    case .unreadableFolder(let path, let code):
      "\(path): \(errorText(code)); skipped"
    case .emptyClass(let path): "\(path): class has no images; skipped"
    case .singleImage(let path): "\(path): only one image, used for training, not for validation"
    case .otherFiles(let path, let count):
      "\(path): skipped \(count == 1 ? "1 file that is not an image" : "\(count) files that are not images")"
    case .withoutPartner(let path, let count, let example, let partner):
      "\(path): \(count) \(count == 1 ? "file has" : "files have") no \(partner) of the same name, such as "
        + "\(example); skipped"
    case .unusedLabels(let path, let names):
      "\(path): no image has the label \(names.prefix(20).joined(separator: ", "))"
    case .unknownLabels(let path, let names):
      "\(path): the model has no label \(names.prefix(20).joined(separator: ", ")); ignored"
    }
  }
}

extension DatasetError {
  /// The places of class names among others, such as a model's.
  ///
  /// - Throws: ``DatasetError/corrupt(path:_:)`` where one is not among them.
  static func places(
    of names: [String], among others: [String], path: String
  ) throws(DatasetError) -> [Int] {
    var places: [Int] = []
    for name in names {
      guard let place = others.firstIndex(of: name) else {
        throw .corrupt(
          path: path,
          "class \(name) is unknown; known: \(others.prefix(20).joined(separator: ", "))")
      }
      places.append(place)
    }
    return places
  }
}
