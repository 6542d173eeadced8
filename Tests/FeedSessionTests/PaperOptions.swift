import ArgumentParser
import FeedSession
import UnixTool

struct PaperOptions: ToolOptions {
    @OptionGroup var feed: FeedOptions
    @OptionGroup var common: CommonOptions
}
