# Runs a Homebrew formula without Homebrew: formula.rb FORMULA BIN install|service|test
#
# Has as much of Homebrew as the formula uses. `install` prints the commands; `test` runs the programs in BIN.
require "pathname"
require "socket"

class Pathname
  # as Homebrew has it
  alias to_str to_s
end

class Resource
  attr_reader :name, :values

  def initialize(name)
    @name = name
    @values = {}
  end

  %i[url sha256].each { |key| define_method(key) { |value| @values[key] = value } }

  def stage(folder)
    raise "#{name} has no hash" unless @values[:sha256]&.match?(/\A\h{64}\z/)

    puts "stage #{@values[:url]} #{folder}"
  end
end

class Service
  def initialize(formula)
    @formula = formula
  end

  %i[run keep_alive log_path error_log_path].each do |key|
    define_method(key) { |*values, **options| puts [key, *values.flatten, *options].join(" ") }
  end

  %i[opt_bin etc var].each { |name| define_method(name) { @formula.public_send(name) } }
end

class Formula
  class << self
    attr_reader :blocks

    def inherited(formula)
      super
      formula.instance_variable_set(:@blocks, {})
      $formula = formula
    end

    %i[desc homepage url sha256 license depends_on conflicts_with].each { |name| define_method(name) { |*, **| nil } }
    %i[service test].each { |name| define_method(name) { |&block| @blocks[name] = block } }

    def resource(name, &block)
      (@resources ||= []) << Resource.new(name).tap { |each| each.instance_eval(&block) }
    end

    def resources
      @resources || []
    end
  end

  %i[opt_bin etc var].each { |name| define_method(name) { Pathname("/opt/#{name}") } }

  def bin = Pathname(ARGV[1])
  def buildpath = Pathname("/build")
  def testpath = Pathname(Dir.pwd)
  def resources = self.class.resources
  def std_cmake_args = ["-DCMAKE_BUILD_TYPE=Release"]
  def system(*words) = puts(words.join(" "))

  def shell_output(command)
    output = `#{command}`
    raise "#{command} ended with #{$?.exitstatus}" unless $?.success?

    output
  end

  def free_port
    server = TCPServer.new("127.0.0.1", 0)
    server.addr[1].tap { server.close }
  end

  def assert_equal(expected, actual)
    raise "expected #{expected.size} bytes, and got #{actual.size} or other ones" unless expected == actual
  end
end

load ARGV[0]
formula = $formula.new
case ARGV[2]
when "install" then formula.install
when "service" then Service.new(formula).instance_eval(&$formula.blocks[:service])
when "test"
  formula.instance_eval(&$formula.blocks[:test])
  puts "the formula's test has passed"
end
