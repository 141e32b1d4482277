/// The instructions of pickle protocols 2 to 5 that data can need; Python's own names in comments.
enum PickleOpcode: UInt8 {
  case protocolVersion = 0x80  // PROTO
  case frame = 0x95  // FRAME
  case stop = 0x2E  // STOP
  case mark = 0x28  // MARK
  case pop = 0x30  // POP
  case popToMark = 0x31  // POP_MARK
  case duplicate = 0x32  // DUP

  case none = 0x4E  // NONE
  case `true` = 0x88  // NEWTRUE
  case `false` = 0x89  // NEWFALSE
  case int32 = 0x4A  // BININT
  case uint8 = 0x4B  // BININT1
  case uint16 = 0x4D  // BININT2
  case shortLong = 0x8A  // LONG1
  case long = 0x8B  // LONG4
  case float64 = 0x47  // BINFLOAT

  case shortText = 0x8C  // SHORT_BINUNICODE
  case text = 0x58  // BINUNICODE
  case longText = 0x8D  // BINUNICODE8
  case shortOldText = 0x55  // SHORT_BINSTRING
  case oldText = 0x54  // BINSTRING
  case shortBytes = 0x43  // SHORT_BINBYTES
  case bytes = 0x42  // BINBYTES
  case longBytes = 0x8E  // BINBYTES8
  case byteArray = 0x96  // BYTEARRAY8

  case emptyTuple = 0x29  // EMPTY_TUPLE
  case tuple1 = 0x85  // TUPLE1
  case tuple2 = 0x86  // TUPLE2
  case tuple3 = 0x87  // TUPLE3
  case tuple = 0x74  // TUPLE
  case emptyList = 0x5D  // EMPTY_LIST
  case list = 0x6C  // LIST
  case append = 0x61  // APPEND
  case appends = 0x65  // APPENDS
  case emptyDictionary = 0x7D  // EMPTY_DICT
  case dictionary = 0x64  // DICT
  case setItem = 0x73  // SETITEM
  case setItems = 0x75  // SETITEMS

  case emptySet = 0x8F  // EMPTY_SET
  case addItems = 0x90  // ADDITEMS
  case frozenSet = 0x91  // FROZENSET

  case put = 0x71  // BINPUT
  case longPut = 0x72  // LONG_BINPUT
  case memoize = 0x94  // MEMOIZE
  case get = 0x68  // BINGET
  case longGet = 0x6A  // LONG_BINGET

  case global = 0x63  // GLOBAL
  case stackGlobal = 0x93  // STACK_GLOBAL
  case reduce = 0x52  // REDUCE
  case newObject = 0x81  // NEWOBJ
  case newObjectByName = 0x92  // NEWOBJ_EX
  case build = 0x62  // BUILD
  case persistent = 0x51  // BINPERSID
}
