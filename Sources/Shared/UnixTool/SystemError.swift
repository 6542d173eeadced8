public import Glibc

/// What the system says of a number in `errno`.
public enum SystemError {
    /// `No such file or directory`.
    public static func text(_ code: Int32 = errno) -> String {
        String(cString: strerror(code))
    }
}
